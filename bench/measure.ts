import { spawn } from "node:child_process"

/** Milliseconds. */
export type Timing = () => Promise<number>

export interface Row {
  readonly name: string
  /** What is measured against what. */
  readonly what: string
  readonly ours: number
  readonly reference: number
  readonly unit: "ms" | "per second"
  readonly runs: number
}

const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Both in turn, so that a machine that slows down slows both; the first pair only warms up. */
export const inTurn = async (ours: Timing, reference: Timing, runs: number) => {
  const taken = { ours: new Array<number>(), reference: new Array<number>() }
  for (let run = 0; run <= runs; run++) {
    const pair = [await ours(), await reference()] as const
    if (run === 0) continue
    taken.ours.push(pair[0])
    taken.reference.push(pair[1])
  }
  return { ours: median(taken.ours), reference: median(taken.reference), runs }
}

export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await act()
  return performance.now() - start
}

/** A whole process, from spawn to exit. Fails when it does. */
export const command = (program: string, args: ReadonlyArray<string>, cwd: string, env = process.env): Timing => () =>
  timed(() =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { cwd, env, stdio: ["ignore", "ignore", "inherit"] })
      child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${program} exited with ${code}`))))
    })
  )

/** From spawn to the first byte on stdout. */
export const firstByte = (program: string, args: ReadonlyArray<string>, cwd: string): Timing => () =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"] })
    let first = Number.NaN
    child.stdout.once("data", () => (first = performance.now() - start))
    child.on("close", () => (Number.isNaN(first) ? reject(new Error(`${program} printed nothing`)) : resolve(first)))
  })
