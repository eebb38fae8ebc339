/** The service over a connection. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Stream from "effect/Stream"
import * as Socket from "effect/socket/Socket"
import { randomUUID } from "node:crypto"
import { Connection, fromEnvironment } from "../../client/Connection.ts"
import { type ClientError, ConnectionIncomplete } from "../../client/errors.ts"
import { GridClient } from "../../client/GridClient.ts"
import { ClientLive } from "../../client/layers.ts"
import { picked } from "../../client/picked.ts"
import { batchInfo } from "../batchInfo.ts"
import { type CallOptions, connection } from "../connection.ts"
import * as ask from "../effects/ask.ts"
import * as batches from "../effects/batch.ts"
import { results } from "../effects/followBatch.ts"
import * as runs from "../effects/run.ts"
import { type BatchOfSettings, type BatchRun, type ExecutionHandle, Grid } from "./Grid.ts"

type Needs = GridClient | Socket.WebSocketConstructor

const handleWith = (context: Context.Context<Needs>) =>
  (id: string, wait: Effect.Effect<Effect.Success<ExecutionHandle["wait"]>, ClientError, Needs>): ExecutionHandle => {
    const here = Effect.provideContext(context)
    return {
      id,
      status: here(ask.status(id)),
      wait: here(wait),
      logs: (from) => Stream.provideContext(ask.logs(id, from), context),
      outputs: here(ask.outputs(id)),
      download: (directory) => here(ask.download(id, directory)),
      cancel: here(ask.cancel(id))
    }
  }

type Known = Effect.Success<ReturnType<typeof batches.known>>
type Sending = Effect.Effect<void, ClientError>

/** What it brought is told from what others brought by a landing of its own. */
const resultsOf = ({ batch, place }: Known, settings: BatchOfSettings, sending: Sending) =>
  Stream.suspend(() =>
    results(batch.id, { landing: batches.landingFor(place, settings.flat), ...picked(settings, "onProgress", "output") })
  ).pipe(Stream.interruptWhen(Effect.andThen(sending, Effect.never)))

const batchWith = (context: Context.Context<Needs>) =>
  (known: Known, settings: BatchOfSettings, sending: Sending): BatchRun => {
    const { batch } = known
    const here = Effect.provideContext(context)
    const all = Stream.provideContext(resultsOf(known, settings, sending), context)
    const brought = Stream.runFold(all, () => batches.nothingBrought, batches.broughtToo)
    return {
      id: batch.id,
      results: all,
      wait: Effect.flatMap(brought, (sum) => here(batches.summary(batch.id, sum))),
      submitted: Effect.as(sending, batchInfo(batch)),
      progress: here(batches.progress(batch.id)),
      cancel: here(batches.cancel(batch.id))
    }
  }

const needed = Context.pick(GridClient, Socket.WebSocketConstructor)

const live = Effect.gen(function*() {
  // Its scope is the layer's: a batch's files here would be there until that ends.
  const context = needed(yield* Effect.context<Needs>())
  const here = Effect.provideContext(context)
  const [handle, batchRun] = [handleWith(context), batchWith(context)]
  return Grid.of({
    run: (wanted) => Effect.scoped(here(Effect.flatten(runs.run(wanted)))),
    submit: (wanted) =>
      Effect.map(Effect.scoped(here(Effect.flatten(runs.submit(wanted)))), ({ execution: { id }, landing }) =>
        handle(id, runs.wait(id, landing, wanted.options))),
    execution: (id, settings) => handle(id, runs.waitFor(id, settings)),
    batch: Effect.fnUntraced(function*(wanted) {
      const { sending, ...known } = yield* here(Effect.flatten(batches.begin(wanted, wanted.options.idempotencyKey ?? randomUUID())))
      const sent = yield* Effect.forkScoped(here(sending))
      return batchRun(known, wanted.options, Fiber.join(sent))
    }),
    batchOf: (id, settings) =>
      Effect.map(here(batches.known(id, settings.outputDirectory)), (known) => batchRun(known, settings, Effect.void)),
    remove: (id) => here(ask.remove(id)),
    retry: (id, changes) => here(Effect.flatten(ask.retry(id, changes))),
    list: (filter) => here(Effect.flatten(ask.list(filter))),
    cost: (settings) => here(Effect.flatten(ask.cost(settings)))
  })
})

const over = <E>(connected: Layer.Layer<Connection, E>): Layer.Layer<Grid, E> =>
  Layer.effect(Grid, live).pipe(Layer.provide(ClientLive), Layer.provide(connected))

/** Which grid. */
export interface GridOptions extends Omit<CallOptions, "signal"> {
  /** Whose project's `.rgrid/config` counts. Default: the working directory. */
  readonly cwd?: string
}

/** The grid given, or the one that the command line would find; that of this machine is started when it is not up. */
export const layer = (options: GridOptions = {}): Layer.Layer<Grid, ClientError> => over(connection(options))

/** The grid that `RGRID_URL` and `RGRID_API_KEY` name, and no other. */
export const layerFromEnvironment: Layer.Layer<Grid, ClientError> = over(Layer.effect(
  Connection,
  Effect.flatMap(Effect.suspend(() => fromEnvironment()), Option.match({
    onNone: () => Effect.fail(new ConnectionIncomplete({ reason: "bothMissing" })),
    onSome: Effect.succeed
  }))
))
