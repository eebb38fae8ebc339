/** What fields of the schemas mean, by schema; and examples of those a caller writes. */

export const fields: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  JobSpec: {
    version: "Of this shape; default 1.",
    runtime: "A runtime's name (`python:3.11`) or any image reference.",
    script: "The script, relative to `cwd` or absolute.",
    args: "The script's own arguments; default none.",
    interpreter: "What the script is handed to, `[\"python3\"]`; default: it is executed itself.",
    cwd: "Absolute directory that the script is started in and relative paths mean; default `/work`.",
    files: "What is there before the script starts, the script itself too; default none.",
    directories: "What exists before the script starts, beside the directories of `files`; default none.",
    env: "Environment variables; default none.",
    secrets: "As `env`, and masked in logs.",
    surroundings: "What a script would notice of the caller's machine and terminal.",
    dependencies: "What is installed first; absent: nothing.",
    stdin: "What the script reads on stdin; absent: nothing. `streamed`: it is sent while the script runs.",
    timeoutSeconds: "Absent: no limit.",
    network: "`none`: the script reaches nothing; default `open`.",
    isolation: "`batch`: items of one batch may follow each other in a slot; default `execution`: never.",
    retries: "How often an attempt lost to the grid is made anew; default 2. The script's own failures never are.",
    metadata: "The caller's own words, to find it by."
  },
  InputFile: {
    path: "Inside `cwd`, or absolute; without `..`.",
    mode: "Permission bits; default 420 (0644).",
    modifiedAt: "Milliseconds since 1970; absent: as old as the attempt."
  },
  FileContent: {
    size: "Bytes.",
    sha256: "Of the whole file, 64 hexadecimal digits.",
    parts: "The SHA-256 of each 64 MiB of it: `[sha256]` for a smaller file, none for an empty one."
  },
  Accepted: { missing: "Parts the grid lacks. Nothing runs before they are there and `confirmUploads` was called." },
  MissingPart: { put: "The PUT that brings the part's bytes." },
  SignedRequest: {
    url: "Needs no key. Without a host it belongs to the server that gave it.",
    headers: "To be sent with it, all of them.",
    encodings: "What a PUT's body may have as `content-encoding`: `zstd`. Absent: it is sent as it is."
  },
  OutputList: { parts: "A GET for each part of the files, by the part's SHA-256." },
  Execution: {
    retryOf: "The execution whose job this is once more.",
    batch: "Null for one that was started alone.",
    attempt: "Number of the newest attempt; 0 before the first.",
    env: "Names only.",
    exitCode: "The script's own; 128 + n when signal n ended it; null when it never ended by itself.",
    failure: "Why it did not complete; null when it did, or has not ended.",
    sandbox: "Where it ran: `docker`, `oci`, `process`."
  },
  Cost: { micros: "Millionths of a euro." },
  LogPage: { next: "Where the next page starts.", ended: "Nothing will follow `next`." },
  LogSegment: { time: "Microseconds since 1970.", offset: "Bytes of the same stream before this segment." },
  FinishedPage: { next: "Give it as `after` for the next page.", ended: "Nothing will follow `next`." },
  BatchHead: { items: "Number of the lines that follow: what was cut off on its way is refused." },
  BatchItem: {
    label: "What people know it by.",
    name: "Where its outputs go below the batch's directory; no two items of a batch share one.",
    args: "All the script's arguments, with the item filled in.",
    files: "Beside those of the job; default none.",
    directories: "Beside those of the job; default none."
  }
}

const sha256 = "a8a2f6ebe286697c527eb35a58b5539532e9b3ae3b64d4eb0a46fb657b41562c"
const content = { size: 16, sha256, parts: [sha256] }
const job = {
  runtime: "python:3.11",
  script: "hello.py",
  interpreter: ["python3"],
  files: [{ path: "hello.py", content }],
  metadata: { team: "blue" }
}

const id = "exec_01k9zq3v5xw8c2r7m4t6y1b0ae"

const execution = {
  id,
  state: "completed",
  retryOf: null,
  batch: null,
  attempt: 1,
  script: "hello.py",
  args: [],
  runtime: "python:3.11",
  cwd: "/work",
  resources: {},
  timeoutSeconds: null,
  metadata: { team: "blue" },
  env: [],
  cancelRequested: false,
  createdAt: "2026-11-21T08:00:00.000Z",
  startedAt: "2026-11-21T08:00:00.240Z",
  endedAt: "2026-11-21T08:00:00.290Z",
  exitCode: 0,
  failure: null,
  runner: "run_01k9zq3v5xw8c2r7m4t6y1b0ae",
  sandbox: "docker",
  outputs: { files: 1, bytes: 16 },
  log: { stdoutBytes: 6, stderrBytes: 0 },
  usage: { cpuMicros: 41_000, peakMemoryBytes: 9_437_184 },
  cost: { micros: 12, phase: "estimated", price: { hourlyMicros: 11_900, slots: 1 } }
}

const queued = { ...execution, attempt: 0, startedAt: null, endedAt: null, exitCode: null, runner: null, sandbox: null }

const put = { url: `/objects/inputs/acct_01k9zq3v5xw8c2r7m4t6y1b0ae/${sha256}?size=16&sha256=${sha256}&expires=…&sig=…`, headers: {} }
const get = { url: `/objects/attempts/${id}/1/${sha256}?expires=…&sig=…`, headers: {} }

/** By operation: what is answered. */
export const answers: Readonly<Record<string, unknown>> = {
  submitExecution: {
    execution: {
      ...queued,
      state: "uploading",
      outputs: { files: 0, bytes: 0 },
      log: { stdoutBytes: 0, stderrBytes: 0 },
      usage: null
    },
    missing: [{ sha256, size: 16, put }]
  },
  getExecution: execution,
  getLogs: "hello\n",
  listOutputs: {
    manifest: {
      outputs: [{ path: "out/hello.txt", type: "file", mode: 0o644, modifiedAt: 1_795_248_000_270, content }],
      deleted: [],
      skipped: []
    },
    parts: { [sha256]: get }
  }
}

/** By operation: what is posted. */
export const examples: Readonly<Record<string, unknown>> = {
  submitExecution: job,
  submitBatch: [
    { version: 1, job, options: { parallel: 10, failOn: "any", resume: false }, items: 1 },
    { label: "a.csv", name: "a", args: ["a.csv"] }
  ].map((line) => JSON.stringify(line)).join("\n") + "\n",
  retryExecution: { resources: { memoryBytes: 4294967296 } },
  retryBatch: { only: "failed" },
  createKey: { name: "ci", scopes: ["user"] },
  sendPartsAgain: { parts: [{ sha256, size: 16 }] }
}

/** Of an execution that is not there. */
export const problemExample = {
  type: "urn:rgrid:problem:NotFound",
  title: "No such thing",
  status: 404,
  detail: `There is no execution ${id}.`,
  instance: `/api/v1/executions/${id}`,
  code: "NotFound",
  remediation: "GET /api/v1/executions lists those of your account.",
  what: "execution",
  id
}
