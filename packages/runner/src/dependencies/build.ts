/**
 * Installs into a new layer: in a slot of the script's own runtime, so that what is installed fits it, with a network,
 * and with nothing of the job but its declaration.
 */
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { mkdir, realpath, rm, stat } from "node:fs/promises"
import { join, posix, relative } from "node:path"
import { jobSpec } from "rgrid/domain/JobSpec"
import { DiskFull, type Mount, Sandbox, SandboxError, type SlotExit, type SlotRequest } from "rgrid/ports/Sandbox"
import { caBundlePath } from "../adapters/docker/settings.ts"
import { onDisk } from "../attempt/FileTrouble.ts"
import { containerPath, seesThisMachine } from "../attempt/place.ts"
import { Workspace } from "../attempt/Workspace.ts"
import { Settings } from "../Settings.ts"
import { fallback } from "../slot/workdir.ts"
import type { Need } from "./Need.ts"
import { recipeOf, scratch, type Site, type Tool, toolOf } from "./recipes.ts"
import { Toolbox } from "./Toolbox.ts"
import type { Words } from "./Words.ts"

/** The installing program said no, or took too long. */
export class Refused extends Schema.TaggedError<Refused>()("Refused", {
  reason: Schema.Literals(["refused", "timeout"]),
  tail: Schema.String
}) {}

/** Where a layer is mounted, for whom it is made and for all who use it: programs remember where they were installed. */
export const layerPath = "/.rgrid-layer"

const toolsPath = "/.rgrid-tools"

const refused = (tail: string): Refused => new Refused({ reason: "refused", tail })

/** Null where only the image's own programs are left. */
const toolsFor = Effect.fnUntraced(function*({ parts: { runtime, sources } }: Need, tool: Tool, words: Words) {
  const toolbox = yield* Toolbox
  return yield* toolbox.directory(tool, runtime.arch, sources).pipe(
    Effect.catchTag("ToolMissing", ({ detail }) =>
      Effect.as(Effect.promise(() => words.add(Buffer.from(`${tool} can't be had: ${detail}\n`))), null))
  )
})

const siteOf = Effect.fnUntraced(function*(need: Need, tree: string, tools: string | null, path: string | undefined) {
  const { name } = yield* Sandbox
  const { caBundle } = yield* Settings
  const here = seesThisMachine(name)
  return {
    layer: here ? tree : layerPath,
    tools: tools === null || here ? tools : toolsPath,
    path: path ?? (here ? process.env["PATH"] : undefined) ?? containerPath,
    program: need.parts.program,
    caBundle: caBundle === undefined || here ? caBundle : caBundlePath,
    sources: need.parts.sources
  } satisfies Site as Site
})

/** How this machine's programs reach the network: a plain process is one of them. */
const network = /^(?:(?:HTTPS?|ALL|NO)_PROXY|SSL_CERT_(?:FILE|DIR)|NODE_EXTRA_CA_CERTS)$/i

const ofThisMachine = (): Record<string, string> => {
  const told = Object.entries(process.env).filter(([name]) => network.test(name)).map(([name, value = ""]) => [name, value])
  return { UV_SYSTEM_CERTS: "1", ...Object.fromEntries(told) }
}

const mountsOf = (tree: string, tools: string | null): ReadonlyArray<Mount> => [
  { source: tree, at: layerPath, writable: true },
  ...(tools === null ? [] : [{ source: tools, at: toolsPath, writable: false }])
]

/** A package's own programs have run in it: what it looks like is theirs. */
const settle = async (need: Need, tree: string): Promise<boolean> => {
  await rm(join(tree, scratch), { recursive: true, force: true })
  if (toolOf(need.parts.dependencies.kind) === "uv") return true
  const modules = modulesIn(need, tree)
  const [real, root] = await Promise.all([realpath(modules).catch(() => null), realpath(tree)])
  // Mounted by its name later: a link, itself or above it, would show any directory of this machine.
  return real === join(root, relative(tree, modules)) && (await stat(real)).isDirectory()
}

/** Where the installing program, run beside the declaration, puts what a Node script needs. */
export const modulesIn = ({ parts: { dependencies } }: Need, tree: string): string =>
  join(tree, posix.dirname(dependencies.files[0]?.path ?? "."), "node_modules")

const runIn = Effect.fnUntraced(function*(need: Need, tree: string, words: Words, limit: Duration.Duration) {
  const sandbox = yield* Sandbox
  const { fill } = yield* Workspace
  const { defaults } = yield* Settings
  const { account, dependencies, image } = need.parts
  const tool = toolOf(dependencies.kind)
  const tools = yield* toolsFor(need, tool, words)
  const mounts = mountsOf(tree, tools)
  const request: SlotRequest = {
    image,
    tenant: account,
    workdir: fallback,
    outside: [],
    mounts,
    limits: defaults,
    network: "open"
  }
  const slot = yield* sandbox.prepare(request)
  const session = yield* slot.open(request)
  const site = yield* siteOf(need, tree, tools, slot.environment["PATH"])
  const recipe = recipeOf(dependencies.kind, site, dependencies.files[0]?.path ?? "")
  if (recipe === null) return yield* refused(words.tail)
  const files = dependencies.files.map((file) => ({ ...file, mode: 0o644 }))
  const ground = { workspace: tool === "npm" ? tree : session.workspace, workdir: fallback, outside: new Map() }
  yield* fill(ground, jobSpec({ runtime: image, script: "-", interpreter: [], cwd: fallback, files }))
  yield* onDisk(tree, async () => {
    for (const name of ["home", "tmp"]) await mkdir(join(tree, scratch, name), { recursive: true, mode: 0o755 })
  })
  yield* session.own
  const { name } = sandbox
  const env = { ...slot.environment, ...(seesThisMachine(name) ? ofThisMachine() : {}), ...recipe.env }
  const run = yield* session.run({ argv: ["sh", "-c", recipe.script], env, deadline: limit })
  yield* Stream.runForEach(run.output, ({ bytes }) => Effect.promise(() => words.add(bytes)))
  return yield* run.exit
}, Effect.scoped)

const ofExit = (tree: string, { code, oomKilled, reason }: SlotExit, words: Words) => {
  if (reason === "deadline") return Effect.fail(new Refused({ reason: "timeout", tail: words.tail }))
  if (code === 0) return Effect.void
  const { tail } = words
  if (/ENOSPC|No space left on device/.test(tail)) {
    return Effect.fail(new SandboxError({ reason: new DiskFull({ path: tree }) }))
  }
  return Effect.fail(refused(oomKilled ? `${tail}\nThe installing took more memory than there is.` : tail))
}

/** Fills `tree`. Nothing of the builder is left when it returns, however it does. */
export const build = Effect.fnUntraced(function*(need: Need, tree: string, words: Words, limit: Duration.Duration) {
  const exit = yield* runIn(need, tree, words, limit).pipe(
    Effect.timeoutOrElse({
      // The slot's own end comes first, where it is told which.
      duration: Duration.sum(limit, Duration.seconds(5)),
      orElse: () => Effect.fail(new Refused({ reason: "timeout", tail: words.tail }))
    }),
    Effect.catchTag("InputMisplaced", ({ path }) => Effect.fail(refused(`${path} can't be a file's name here.`)))
  )
  yield* ofExit(tree, exit, words)
  const whole = yield* onDisk(tree, () => settle(need, tree))
  if (!whole) return yield* refused(`${words.tail}\nIt made no directory node_modules.`)
})
