/** The two ways in which jobs come and go, the same for every queue that is measured. */

export interface Mode {
  readonly name: "single" | "batched"
  readonly jobs: number
}

/** Handed in one by one by so many clients, taken and finished as a worker with so many slots does. */
export const single = { name: "single", jobs: 1000, clients: 8, slots: 8 } as const

/**
 * Handed in together; nothing but the workers limits how many are under way. Either a hundred are taken and finished at a time by
 * each of two workers, or `ahead` are taken and more as soon as some are finished, as graphile-worker's local queue does.
 */
export const batched = { name: "batched", jobs: 10_000, workers: 2, atOnce: 100, ahead: 400 } as const

export const many = (count: number): ReadonlyArray<number> => Array.from({ length: count }, (_, index) => index)

/** So many at a time, each begun as soon as another ended. */
export const each = async (count: number, width: number, act: (index: number) => Promise<unknown>): Promise<void> => {
  let next = 0
  const lane = async () => {
    while (next < count) await act(next++)
  }
  await Promise.all(many(width).map(lane))
}
