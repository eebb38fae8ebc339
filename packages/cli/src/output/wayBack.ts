/** What is said of an execution that goes on without this program, and how to come back to it. */
const wayBack = (id: string): string =>
  ["Status:  rgrid status", "Logs:    rgrid logs --follow", "Cancel:  rgrid cancel"]
    .map((line) => `  ${line} ${id}`)
    .join("\n")

/** `did`: `Execution started`, `Retry started`. */
export const startedWords = (did: string, id: string): string =>
  `${did}: ${id}\nIt goes on in the background.\n${wayBack(id)}`

export const leftWords = (id: string): string => `\nDetached. The execution goes on: ${id}\n${wayBack(id)}`

export const storedWords = (id: string): string => `Outputs stored remotely.\n  rgrid download ${id}`
