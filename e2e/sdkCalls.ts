/** What calls of the library in these tests have in common. */

export const python = { runtime: "python:3.11" } as const
export const stays = { outputDirectory: false } as const

/** Runs until it is canceled. */
export const waits = `import os, time
while not os.path.exists("go"): time.sleep(0.05)
`

export const refusalOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.then(() => "resolved", (error: unknown) => error)
