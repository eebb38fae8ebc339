/** A runner over a real sandbox, and a server that gives it jobs whose dependencies have to be installed. */
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Schedule from "effect/Schedule"
import * as Scope from "effect/Scope"
import { readdir } from "node:fs/promises"
import { join } from "node:path"
import type { Assignment } from "rgrid/api/RunnerProtocol"
import { type AccountId, accountId } from "rgrid/domain/Id"
import type { Dependencies, JobSpec } from "rgrid/domain/JobSpec"
import { decode } from "rgrid/domain/LogFrame"
import * as Agent from "../../src/Agent.ts"
import * as identity from "../../src/identity.ts"
import * as layers from "../../src/layers.ts"
import { Layers, type Limits } from "../../src/dependencies/Layers.ts"
import type { RunnerSettings } from "../../src/Settings.ts"
import { StateDirectory } from "../../src/StateDirectory.ts"
import { temporaryDirectory } from "../fixtures/directory.ts"
import * as FakeServer from "../fixtures/FakeServer.ts"
import { assignment, input } from "../fixtures/jobs.ts"
import { settings } from "../fixtures/runner.ts"

/** Of the proxy this machine may be behind. */
const caBundle = process.env["RGRID_CA_BUNDLE"] ?? process.env["NODE_EXTRA_CA_CERTS"]

export interface Options extends Partial<RunnerSettings> {
  readonly limits?: Limits
}

const account = accountId(0)

const said = (log: Uint8Array): string =>
  Buffer.concat(decode(log).frames.map((frame) => frame.bytes)).toString()

/** Looks until it is there: an installing takes as long as its network does. */
const until = <A>(what: string, look: () => A | undefined): Effect.Effect<A> =>
  Effect.suspend(() => {
    const seen = look()
    return seen === undefined ? Effect.fail(new Error(`Waited in vain: ${what}`)) : Effect.succeed(seen)
  }).pipe(Effect.retry(Schedule.spaced("20 millis").pipe(Schedule.upTo({ duration: "100 seconds" }))), Effect.orDie)

const agent = (own: RunnerSettings, limits: Limits | undefined) =>
  Effect.flatMap(identity.load(own.stateDirectory), (self) =>
    Agent.run(self).pipe(
      Effect.provide(Layers.layer(limits).pipe(
        Layer.provideMerge(layers.services(own)),
        Layer.provideMerge(layers.sandbox(own, self.runner))
      ))
    )).pipe(
      Effect.provide(StateDirectory.layer(own.stateDirectory)),
      Effect.provide(Logger.layer([]))
    )

export const make = Effect.fnUntraced(function*({ limits, ...over }: Options) {
  const directory = yield* temporaryDirectory
  const server = yield* FakeServer.make(new FakeServer.Memory())
  const { memory } = server
  const own = settings({
    server: server.url,
    stateDirectory: join(directory, "state"),
    ...(caBundle === undefined ? {} : { caBundle }),
    ...over
  })
  const outer = yield* Effect.scope
  let life = yield* Scope.fork(outer)
  const begin = Effect.forkIn(agent(own, limits), life).pipe(
    Effect.andThen(until("the runner asks", () => memory.latest("Ask")))
  )
  yield* begin

  const dependencies = (
    kind: Dependencies["kind"],
    files: Readonly<Record<string, string>>,
    root?: string
  ): Dependencies => ({
    kind,
    declared: Object.keys(files)[0] ?? "",
    files: Object.entries(files).map(([path, text]) => {
      const { content } = input(memory, path, text)
      return { path, content }
    }),
    ...(root === undefined ? {} : { root })
  })

  const job = (script: string, over: Partial<JobSpec>, whose: AccountId = account): Assignment => ({
    ...assignment({ script: "main.py", files: [input(memory, over.script ?? "main.py", script)], ...over }),
    account: whose
  })

  const settled = (one: Assignment) =>
    Effect.map(until("it is settled", () => memory.settled.get(one.execution)), (end) => ({
      state: end.state,
      failure: end.failure,
      outputs: end.manifest.outputs.map(({ path }) => path),
      skipped: end.manifest.skipped,
      said: said(memory.whole(one.execution)).trim()
    }))

  return {
    server,
    memory,
    dependencies,
    job,
    settled,
    /** Assigned at the same moment; their ends in order. */
    run: (...jobs: ReadonlyArray<Assignment>) =>
      Effect.andThen(server.assign(...jobs), Effect.forEach(jobs, settled)),
    until,
    /** Newest lines told of while something is being installed. */
    told: () =>
      memory.heard.flatMap((message) =>
        message._tag === "AttemptProgress" && message.progress.phase === "installing" ? [message.progress] : []),
    /** What is on disk of an account's layers. */
    kept: (whose: AccountId = account) =>
      Effect.promise(async () => {
        const all = await readdir(join(own.stateDirectory, "layers", whose)).catch((): Array<string> => [])
        return all.filter((name) => !name.endsWith(".log"))
      }),
    stop: Effect.suspend(() => Scope.close(life, Exit.void)),
    restart: Effect.gen(function*() {
      life = yield* Scope.fork(outer)
      const asked = memory.count("Ask")
      yield* Effect.forkIn(agent(own, limits), life)
      yield* until("the runner asks again", () => memory.count("Ask") > asked || undefined)
    }),
    stateDirectory: own.stateDirectory
  }
})
