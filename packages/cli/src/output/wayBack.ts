/** What is said of what goes on without this program, and how to come back to it. */
const lines = (rows: ReadonlyArray<string>): string => rows.map((row) => `  ${row}`).join("\n")

const wayBack = (id: string): string =>
  lines(["Status:  rgrid status", "Logs:    rgrid logs --follow", "Cancel:  rgrid cancel"].map((row) => `${row} ${id}`))

const batchWayBack = (id: string): string =>
  lines([
    `Status:   rgrid status ${id} --watch`,
    `Outputs:  rgrid download ${id}`,
    `Cancel:   rgrid cancel ${id}`
  ])

/** `did`: `Execution started`, `Retry started`. */
export const startedWords = (did: string, id: string): string =>
  `${did}: ${id}\nIt goes on in the background.\n${wayBack(id)}`

export const leftWords = (id: string): string => `\nDetached. The execution goes on: ${id}\n${wayBack(id)}`

export const storedWords = (id: string): string => `Outputs stored remotely.\n  rgrid download ${id}`

export const batchStartedWords = (did: string, id: string): string =>
  `${did}: ${id}\nIt goes on in the background.\n${batchWayBack(id)}`

/** `sent`: whether all of its files are with the grid. */
export const batchLeftWords = (id: string, sent: boolean): string =>
  [
    `\nDetached. The batch goes on: ${id}`,
    ...(sent ? [] : ["Not all files were sent: items that lack theirs never start. Run it again with --resume."]),
    batchWayBack(id)
  ].join("\n")
