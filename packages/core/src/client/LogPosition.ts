/** How much of an execution's log somebody has, as a text to keep: from it on it can be read by anybody who may read it. */

export interface LogPosition {
  /** 0: nothing was read. */
  readonly attempt: number
  /** Bytes and number of the frames that were taken of this attempt's log. */
  readonly offset: number
  readonly frames: number
  /** Bytes of each stream that were handed over, over all attempts. */
  readonly stdout: number
  readonly stderr: number
}

export const logStart: LogPosition = { attempt: 0, offset: 0, frames: 0, stdout: 0, stderr: 0 }

export const positionText = ({ attempt, frames, offset, stderr, stdout }: LogPosition): string =>
  [attempt, offset, frames, stdout, stderr].join(".")

const form = /^\d{1,16}(?:\.\d{1,16}){4}$/

/** Null for what is none. */
export const parsePosition = (text: string): LogPosition | null => {
  const [attempt = 0, offset = 0, frames = 0, stdout = 0, stderr = 0] = text.split(".").map(Number)
  const position = { attempt, offset, frames, stdout, stderr }
  return form.test(text) && Object.values(position).every(Number.isSafeInteger) ? position : null
}
