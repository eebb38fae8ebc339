/** What each operation is called in generated clients, and what it does, by group and endpoint of the contract. */

export interface Words {
  readonly name: string
  readonly summary: string
  readonly description?: string
  /** Of parameters whose meaning is this operation's own. */
  readonly parameters?: Readonly<Record<string, string>>
}

const executions: Readonly<Record<string, Words>> = {
  submit: {
    name: "submitExecution",
    summary: "Accept a job",
    description:
      "Send each part in `missing` by its PUT, then call `confirmUploads`. With nothing missing it is queued already."
  },
  list: { name: "listExecutions", summary: "List executions, newest first" },
  get: {
    name: "getExecution",
    summary: "One execution",
    description:
      "With `wait` it is answered once the execution has ended, or as it is when the seconds are over: ask again."
  },
  why: { name: "explainExecution", summary: "What explains where it stands and what it took" },
  uploaded: { name: "confirmUploads", summary: "Everything missing was sent: queue it, or tell what is missing still" },
  cancel: { name: "cancelExecution", summary: "Cancel; does nothing to what has ended" },
  retry: { name: "retryExecution", summary: "Run the job of an ended execution once more, as a new execution" },
  remove: { name: "deleteExecution", summary: "Delete an ended execution with its outputs and logs" },
  outputs: {
    name: "listOutputs",
    summary: "What the script made, with links to the bytes",
    description:
      "`getOutput` gives one file whole. The links in `parts` need no key: a file is its parts one after the other."
  },
  output: { name: "getOutput", summary: "One file the script made, whole" },
  stdin: {
    name: "sendStdin",
    summary: "Stdin for a job with `stdin: \"streamed\"`",
    description: "Whole frames, as the log has them, at the offset told before.",
    parameters: { offset: "Where these bytes belong: `length` of the answer before." }
  },
  endStdin: { name: "endStdin", summary: "No more stdin" },
  logs: {
    name: "getLogPage",
    summary: "A page of the log with streams, times and offsets, for who resumes",
    parameters: { offset: "`next` of the page before; absent: the beginning." }
  },
  text: { name: "getLogs", summary: "The newest attempt's log, byte for byte as the script wrote it" }
}

const batches: Readonly<Record<string, Words>> = {
  submit: {
    name: "submitBatch",
    summary: "Accept a batch: one script, many items",
    description:
      "NDJSON: the first line is a `BatchHead`, each line after it a `BatchItem`. Send each part in `missing` by its " +
      "PUT, then call `confirmBatchUploads`. Items start as soon as nothing of theirs is missing."
  },
  list: { name: "listBatches", summary: "List batches, newest first" },
  get: { name: "getBatch", summary: "One batch" },
  uploaded: {
    name: "confirmBatchUploads",
    summary: "What was missing was sent: queue what is whole, tell what is missing still"
  },
  members: {
    name: "listBatchExecutions",
    summary: "Its executions, in the order of its items",
    parameters: { after: "Only behind this position: `next` of the page before." }
  },
  finished: {
    name: "listFinishedExecutions",
    summary: "Its ended executions, in the order of their ends",
    parameters: { after: "Only behind this end: `next` of the page before.", limit: "How many at most; default 200." }
  },
  causes: { name: "listBatchCauses", summary: "Why members failed, by cause" },
  cancel: { name: "cancelBatch", summary: "Cancel all that has not ended" },
  retry: { name: "retryBatch", summary: "Run ended items once more, as a new batch" },
  remove: { name: "deleteBatch", summary: "Delete an ended batch with its executions, outputs and logs" }
}

const account: Readonly<Record<string, Words>> = {
  validate: { name: "validateKey", summary: "Whose key this is, and what it may" },
  workers: { name: "listWorkers", summary: "Machines that are connected, with their slots" },
  keys: { name: "listKeys", summary: "Keys of the account, revoked ones too" },
  createKey: { name: "createKey", summary: "Make a key; needs one with scope admin" },
  revokeKey: {
    name: "revokeKey",
    summary: "Make a key useless for good; needs one with scope admin",
    parameters: { id: "As `listKeys` tells it." }
  }
}

const costs: Readonly<Record<string, Words>> = {
  report: { name: "getCosts", summary: "What ended executions cost, by day or month" },
  executions: { name: "listExecutionCosts", summary: "The same, execution by execution, newest first" }
}

const caches: Readonly<Record<string, Words>> = {
  report: { name: "getCacheReport", summary: "What is stored and kept, so that it is not sent or built again" },
  anew: { name: "sendPartsAgain", summary: "The PUTs that send again what is stored of these parts" }
}

export const groups: Readonly<Record<string, string>> = {
  executions: "One run of one script.",
  batches: "One script, run once for each of many items.",
  account: "Keys and workers.",
  costs: "What executions cost.",
  caches: "What need not be sent or built again.",
  system: "The grid itself."
}

const all: Readonly<Record<string, Readonly<Record<string, Words>>>> = { executions, batches, account, costs, caches }

/** By the name that the contract gives an operation. */
export const wordsOf = (identifier: string): Words => {
  const [group = "", endpoint = ""] = identifier.split(".")
  if (identifier === "health") return { name: "getHealth", summary: "Whether the grid can work; needs no key" }
  const words = all[group]?.[endpoint]
  if (words === undefined) throw new Error(`words.ts has none for ${identifier}`)
  return words
}

/** Of parameters that mean the same wherever they are. */
export const parameters: Readonly<Record<string, string>> = {
  id: "The whole id, or as much of its beginning as no other one has.",
  path: "As `listOutputs` tells it, each `/` in it written `%2F`.",
  "idempotency-key": "Made up by the caller: the same key and job give the same answer however often they are sent.",
  limit: "How many at most; default 20.",
  before: "`next` of the page before; absent: the newest page.",
  wait: "Seconds to wait for something to tell; default 0: answer at once.",
  status: "Only those in this state.",
  script: "Only those of this script, as it was typed.",
  metadata: "`KEY=VALUE`; several must all be there.",
  attempt: "Whose log; absent: the newest attempt's.",
  stream: "Only this one; absent: both, as they came.",
  follow: "Goes on until the execution has ended; default false.",
  timeZone: "Where the days begin and end, as `Europe/Berlin`; default UTC.",
  days: "The last so many days; default 7.",
  from: "First day, as `2026-01-31`; instead of `days`.",
  to: "Last day; absent: today.",
  unit: "What a row is; default day."
}
