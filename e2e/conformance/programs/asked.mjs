/** What a program is told to run, as the library takes it; and what it says of an end. */
const { args = [], memoryMegabytes, name: _, script, ...rest } = JSON.parse(process.argv[2])

export const asked = { script, args, options: { ...rest, ...(memoryMegabytes && { memory: memoryMegabytes * 1024 ** 2 }) } }

export const endedOf = ({ exitCode, failure, status }) => ({ status, exitCode, failure: failure?._tag ?? null })

export const ofBatch = (ok, items) => ({
  status: ok ? "completed" : "failed",
  exitCode: null,
  failure: null,
  stdout: "",
  stderr: "",
  metadata: {},
  items
})
