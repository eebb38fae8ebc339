/** What happened to an execution, step by step: the rows that each transition leaves behind. */
import * as Schema from "effect/Schema"
import { State } from "./ExecutionState.ts"
import { RunnerId } from "./Id.ts"
import { WorkerPrice } from "./Money.ts"

const Millis = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** Where an attempt's time went, as its runner measured it. */
export const Phases = Schema.Struct({
  /** Until the script could start: the slot and the inputs come at the same time. */
  prepareMillis: Millis,
  /** Of that, before anything else: having what the script needs, installing it if need be. Absent: it needs nothing. */
  installMillis: Schema.optionalKey(Millis),
  /** Of that: making the slot, pulling its image. */
  slotMillis: Millis,
  /** Of that: bringing the inputs. */
  inputsMillis: Millis,
  runMillis: Millis,
  /** Finding and sending what the script made. */
  outputsMillis: Millis
}).annotate({ identifier: "Phases" })
export type Phases = typeof Phases.Type

export const ExecutionEvent = Schema.Struct({
  type: Schema.String,
  state: State,
  /** The newest attempt then; 0 before the first. */
  attempt: Schema.Int,
  at: Schema.DateTimeUtcFromString,
  data: Schema.Struct({
    /** Of a claim. */
    runner: Schema.optionalKey(RunnerId),
    sandbox: Schema.optionalKey(Schema.String),
    price: Schema.optionalKey(WorkerPrice),
    /** Why an attempt was lost, and whether that counts against its retries. */
    detail: Schema.optionalKey(Schema.String),
    counts: Schema.optionalKey(Schema.Boolean),
    phases: Schema.optionalKey(Phases)
  })
}).annotate({ identifier: "ExecutionEvent" })
export type ExecutionEvent = typeof ExecutionEvent.Type
