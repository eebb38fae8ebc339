/** What an installer leaves is the work of strangers. */
import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, mkdtemp, readdir, rm, symlink } from "node:fs/promises"
import { join } from "node:path"
import type { Mount } from "rgrid/ports/Sandbox"
import { assignment, contentOf, input } from "../fixtures/jobs.ts"
import type { Stage } from "../fixtures/FakeSandbox.ts"
import * as runner from "../fixtures/runner.ts"
import { waitUntil } from "../fixtures/waitUntil.ts"

const beside = { "package-lock.json": "{}", "package.json": "{\"dependencies\":{}}" }

/** One job of Node: what its installer does, and all that its script had mounted. */
const installing = Effect.fnUntraced(function*(
  install: (layer: string, stage: Stage) => Promise<unknown>,
  files: Readonly<Record<string, string>> = beside
) {
  const seen: Array<ReadonlyArray<Mount>> = []
  const { memory, server, settings } = yield* runner.make((stage) =>
    Effect.promise(async () => {
      const mounts = stage.request.mounts ?? []
      const layer = mounts.find(({ writable }) => writable)
      if (layer === undefined) seen.push(mounts)
      else await install(layer.source, stage)
    }), { npmRegistry: "http://127.0.0.1:1" })
  for (const [path, text] of Object.entries(files)) input(memory, path, text)
  const job = assignment({
    interpreter: ["node"],
    env: { PLAIN: "env" },
    secrets: { TOKEN: "secret" },
    files: [input(memory, "private.csv", "1,2")],
    dependencies: {
      kind: "npm-lock",
      declared: "package-lock.json",
      files: Object.entries(files).map(([path, text]) => ({ path, content: contentOf(text) })),
      root: "."
    }
  })
  yield* server.assign(job)
  const { failure, state } = yield* waitUntil("settled", () => memory.settled.get(job.execution))
  const account = yield* Effect.promise(() => readdir(join(settings.stateDirectory, "layers", job.account)))
  return { failure, state, seen, kept: account.filter((name) => !name.endsWith(".log")) }
})

it.live("shows a script its node_modules, read-only, and the installer nothing of the job", () =>
  Effect.gen(function*() {
    const found: Array<unknown> = []
    const { kept, seen, state } = yield* installing(async (layer, { start, workspace }) => {
      found.push((await readdir(layer)).toSorted(), await readdir(workspace), start.env["TOKEN"], start.env["PLAIN"])
      await mkdir(join(layer, "node_modules"))
    })
    assert.strictEqual(state, "completed")
    assert.deepStrictEqual(found, [[".build", "package-lock.json", "package.json"], [], undefined, undefined])
    assert.deepInclude(seen[0]?.[0], { at: "/home/anna/project/node_modules", writable: false })
    assert.lengthOf(kept, 1)
  }).pipe(Effect.scoped))

it.live("mounts no link that stands in its place, which could lead anywhere on this machine", () =>
  Effect.gen(function*() {
    const { failure, kept, seen, state } = yield* installing((layer) => symlink("/etc", join(layer, "node_modules")))
    assert.strictEqual(state, "failed")
    assert.deepInclude(failure, { _tag: "DependenciesFailed", declared: "package-lock.json", reason: "refused" })
    assert.deepStrictEqual([seen, kept], [[], []])
  }).pipe(Effect.scoped))

it.live("mounts nothing that is reached by a link above it", () =>
  Effect.gen(function*() {
    const below = { "app/package-lock.json": "{}", "app/package.json": "{}" }
    const { failure, seen } = yield* installing(async (layer) => {
      const elsewhere = await mkdtemp(join(layer, "elsewhere-"))
      await mkdir(join(elsewhere, "node_modules"))
      await rm(join(layer, "app"), { recursive: true })
      await symlink(elsewhere, join(layer, "app"))
    }, below)
    assert.deepInclude(failure, { _tag: "DependenciesFailed", reason: "refused" })
    assert.deepStrictEqual(seen, [])
  }).pipe(Effect.scoped))
