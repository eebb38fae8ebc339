/** What installing promises, over any sandbox. */
import { assert, type it as It } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import { accountId } from "rgrid/domain/Id"
import type { RunnerSettings } from "../../src/Settings.ts"
import type { DependencyKind as Kind } from "rgrid/domain/JobSpec"
import { nodeKinds, pythonKinds } from "./packages.ts"
import * as packageIndex from "./packageIndex.ts"
import * as workshop from "./workshop.ts"

const script = "import greeting, sys; print(greeting.version, sys.prefix != sys.base_prefix)"

type Options = Pick<RunnerSettings, "sandbox">

const requirements = (version: string) => ({ "requirements.txt": `greeting==${version}\n` })

const sharing = (it: typeof It, options: Options): void => {
  it.live("installs once what several need, and nothing for the next", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, kept, run } = yield* workshop.make({ ...options, packageIndex: index.url })
      const one = dependencies("requirements", requirements("1.0"))
      const [a, b] = yield* run(job(script, { dependencies: one }), job(script, { dependencies: one }))
      assert.deepInclude(a, { state: "completed", said: "1.0 True", outputs: [], skipped: [] })
      assert.deepInclude(b, { state: "completed", said: "1.0 True", outputs: [], skipped: [] })
      const [again] = yield* run(job(script, { dependencies: one }))
      assert.deepInclude(again, { state: "completed", said: "1.0 True" })
      assert.strictEqual(index.looks(), 1)
      assert.lengthOf(yield* kept(), 1)
    }).pipe(Effect.scoped), 120_000)

  it.live("builds anew, once, for all that were submitted so, and lets others keep what they use", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, kept, memory, run, server, settled, until } = yield* workshop.make({
        ...options,
        packageIndex: index.url
      })
      const usual = dependencies("requirements", requirements("1.0"))
      const fresh = { ...usual, fresh: true as const }
      const stays = job(`${script}\nsys.stdout.flush(); import time; time.sleep(600)`, { dependencies: usual })
      yield* server.assign(stays)
      yield* until("it runs", () => memory.whole(stays.execution).length > 0 || undefined)
      const before = yield* kept()
      const [a, b] = yield* run(job(script, { dependencies: fresh }), job(script, { dependencies: fresh }))
      const [again] = yield* run(job(script, { dependencies: usual }))
      assert.deepStrictEqual([a, b, again].map((end) => end?.said), ["1.0 True", "1.0 True", "1.0 True"])
      assert.strictEqual(index.looks(), 2)
      assert.includeMembers([...(yield* kept())], [...before])
      memory.cancelRequested.add(stays.execution)
      yield* server.tell({ _tag: "Cancel", execution: stays.execution })
      assert.strictEqual((yield* settled(stays)).state, "canceled")
      yield* oneIsLeft(kept)
      assert.notDeepEqual(yield* kept(), before)
      yield* until("it is told", () => memory.latest("Cached")?.kept.layers?.count === 1 || undefined)
    }).pipe(Effect.scoped), 120_000)

  it.live("makes a new layer for another version and another account, and keeps them over a restart", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const other = accountId(1)
      const { dependencies, job, kept, restart, run, stop } = yield* workshop.make({ ...options, packageIndex: index.url })
      const one = dependencies("requirements", requirements("1.0"))
      const two = dependencies("requirements", requirements("2.0"))
      const first = yield* run(job(script, { dependencies: one }), job(script, { dependencies: two }))
      assert.deepStrictEqual(first.map(({ said }) => said), ["1.0 True", "2.0 True"])
      assert.lengthOf(yield* kept(other), 0)
      const [theirs] = yield* run(job(script, { dependencies: one }, other))
      assert.strictEqual(theirs?.said, "1.0 True")
      assert.deepStrictEqual([index.looks(), (yield* kept()).length, (yield* kept(other)).length], [3, 2, 1])
      yield* stop
      yield* restart
      const [again] = yield* run(job(script, { dependencies: two }))
      assert.deepStrictEqual([again?.said, index.looks()], ["2.0 True", 3])
    }).pipe(Effect.scoped), 120_000)

  it.live("ends an installing that nobody waits for any more, and goes on while somebody does", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, kept, memory, server, settled, told, until } = yield* workshop.make({
        ...options,
        packageIndex: index.url
      })
      const one = dependencies("requirements", requirements("1.0"))
      const [gone, stays] = [job(script, { dependencies: one }), job(script, { dependencies: one })]
      const release = index.hold()
      yield* server.assign(gone, stays)
      yield* until("both are told of it", () => told().length >= 2 || undefined)
      memory.cancelRequested.add(gone.execution)
      assert.strictEqual((yield* settled(gone)).state, "canceled")
      release()
      assert.deepInclude(yield* settled(stays), { state: "completed", said: "1.0 True" })
      assert.strictEqual(index.looks(), 1)

      const alone = job(script, { dependencies: dependencies("requirements", requirements("2.0")) })
      index.hold()
      const before = told().length
      yield* server.assign(alone)
      yield* until("it is told of", () => told().length > before || undefined)
      assert.lengthOf(yield* kept(), 2)
      memory.cancelRequested.add(alone.execution)
      assert.strictEqual((yield* settled(alone)).state, "canceled")
      yield* oneIsLeft(kept)
    }).pipe(Effect.scoped), 120_000)
}

/** What was begun goes just after the attempt. */
const oneIsLeft = (kept: () => Effect.Effect<ReadonlyArray<string>>) =>
  Effect.repeat(kept(), { until: (names) => names.length === 1 }).pipe(Effect.timeout("20 seconds"), Effect.orDie)

const failing = (it: typeof It, options: Options): void => {
  it.live("fails all who wait with what the installer said, and does not try again at once", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, kept, run } = yield* workshop.make({ ...options, packageIndex: index.url })
      const none = dependencies("requirements", requirements("9.9"))
      const ends = [
        ...(yield* run(job(script, { dependencies: none }), job(script, { dependencies: none }))),
        ...(yield* run(job(script, { dependencies: none })))
      ]
      for (const { failure, state } of ends) {
        assert.deepInclude({ state, ...failure }, {
          state: "failed",
          _tag: "DependenciesFailed",
          declared: "requirements.txt",
          reason: "refused"
        })
        assert.include(JSON.stringify(failure), "there is no version of greeting==9.9")
      }
      assert.deepStrictEqual([index.looks(), yield* kept()], [1, []])
    }).pipe(Effect.scoped), 120_000)

  it.live("stops an installing that takes too long, and says so", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const limits = { time: Duration.seconds(2) }
      const { dependencies, job, kept, run } = yield* workshop.make({ ...options, packageIndex: index.url, limits })
      index.hold()
      const [end] = yield* run(job(script, { dependencies: dependencies("requirements", requirements("1.0")) }))
      assert.deepInclude(end?.failure, { _tag: "DependenciesFailed", reason: "timeout" })
      assert.lengthOf(yield* kept(), 0)
    }).pipe(Effect.scoped), 120_000)

  it.live("makes room by taking what was not used for longest", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const limits = { bytes: 1, time: Duration.minutes(1) }
      const { dependencies, job, kept, run } = yield* workshop.make({ ...options, packageIndex: index.url, limits })
      const need = (version: string) => job(script, { dependencies: dependencies("requirements", requirements(version)) })
      const [one] = yield* run(need("1.0"))
      const [two] = yield* run(need("2.0"))
      const [again] = yield* run(need("1.0"))
      assert.deepStrictEqual([one?.said, two?.said, again?.said], ["1.0 True", "2.0 True", "1.0 True"])
      assert.strictEqual(index.looks(), 3)
      assert.isAtMost((yield* kept()).length, 1)
    }).pipe(Effect.scoped), 120_000)
}

const kinds = (it: typeof It, options: Options): void => {
  it.live("installs what each kind of Python's declarations asks for", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, run } = yield* workshop.make({ ...options, packageIndex: index.url })
      for (const [kind, files] of Object.entries(pythonKinds(index.url))) {
        const [end] = yield* run(job(script, { dependencies: dependencies(kind as Kind, files) }))
        assert.deepInclude(end, { state: "completed", failure: null, said: "1.0 True", outputs: [] }, kind)
      }
    }).pipe(Effect.scoped), 120_000)

  it.live("refuses a script that wants another Python than there is", () =>
    Effect.gen(function*() {
      const index = yield* packageIndex.make
      const { dependencies, job, run } = yield* workshop.make({ ...options, packageIndex: index.url })
      const text = pythonKinds(index.url).script["script.py"].replace(">=3.8", ">=3.99")
      const [end] = yield* run(job(script, { dependencies: dependencies("script", { "script.py": text }) }))
      assert.deepInclude(end?.failure, { _tag: "DependenciesFailed", reason: "refused" })
      assert.match(JSON.stringify(end?.failure), /No interpreter found for Python >=3\.99/)
    }).pipe(Effect.scoped), 120_000)

  it.live("puts what each lock of Node names into node_modules, which is no output", () =>
    Effect.gen(function*() {
      const { registry } = yield* packageIndex.make
      const { dependencies, job, run } = yield* workshop.make({ ...options, npmRegistry: registry })
      const node = { runtime: "node:24-slim", interpreter: ["node"], script: "app/main.cjs" }
      const source = "console.log(require('greeting').version, require('fs').existsSync('app/node_modules'))"
      for (const [kind, files] of Object.entries(yield* Effect.promise(() => nodeKinds(registry)))) {
        const [end] = yield* run(job(source, { ...node, dependencies: dependencies(kind as Kind, files, "app") }))
        assert.deepInclude(end, { state: "completed", failure: null, said: "1.0.0 true", outputs: [], skipped: [] }, kind)
      }
    }).pipe(Effect.scoped), 120_000)
}

export const suite = (it: typeof It, options: Options): void => {
  sharing(it, options)
  failing(it, options)
  kinds(it, options)
}
