/** The installing programs on this worker's disk, each in a directory of its own. */
import * as Context from "effect/Context"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Schema from "effect/Schema"
import * as Semaphore from "effect/Semaphore"
import * as HttpClient from "effect/http/HttpClient"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { createHash, randomUUID } from "node:crypto"
import { access, chmod, mkdir, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { isWorkspacePath } from "rgrid/domain/JobSpec"
import { type FileTrouble, onDisk } from "../attempt/FileTrouble.ts"
import { StateDirectory } from "../StateDirectory.ts"
import type { Sources } from "./Need.ts"
import type { Tool } from "./recipes.ts"
import { type Archive, archiveOf, linkOf } from "./archives.ts"

/** No index gave it: what installs without it, may. */
export class ToolMissing extends Schema.TaggedError<ToolMissing>()("ToolMissing", { detail: Schema.String }) {}

export class Toolbox extends Context.Service<Toolbox, {
  /** The directory with the program; fetched if it is not there, once for all who ask. */
  readonly directory: (tool: Tool, arch: string, sources: Sources) => Effect.Effect<string, ToolMissing | FileTrouble>
}>()("@rgrid/runner/dependencies/Toolbox") {
  static readonly layer: Layer.Layer<Toolbox, never, StateDirectory | HttpClient.HttpClient> = Layer.effect(
    Toolbox,
    Effect.suspend(() => make())
  )
}

interface File {
  readonly path: string
  readonly bytes: Uint8Array
  readonly executable: boolean
}

const patience = "2 minutes"

const ofWheel = async (bytes: Uint8Array): Promise<ReadonlyArray<File>> => {
  const { unzipSync } = await import("fflate")
  const files = unzipSync(bytes, { filter: ({ name }) => name.endsWith(".data/scripts/uv") })
  return Object.values(files).map((bytes) => ({ path: "uv", bytes, executable: true }))
}

/** Beside the package, since its own starter looks for itself where only an installation has it. */
const starter = "#!/bin/sh\nexec node \"$(dirname \"$0\")/package/bin/npm-cli.js\" \"$@\"\n"

const ofTarball = async (bytes: Uint8Array): Promise<ReadonlyArray<File>> => {
  const { parseTarGzip } = await import("nanotar")
  const items = (await parseTarGzip(bytes)).filter(({ name, type }) => type === "file" && isWorkspacePath(name))
  const files = items.map(({ data, name }) => ({ path: name, bytes: data ?? new Uint8Array(0), executable: false }))
  return [...files, { path: "npm", bytes: Buffer.from(starter), executable: true }]
}

/** Whole or not at all. Readable by whoever the script's user is. */
const unpack = async (archive: Archive, bytes: Uint8Array, directory: string): Promise<void> => {
  const files = archive.file === null ? await ofTarball(bytes) : await ofWheel(bytes)
  const temporary = `${directory}.${randomUUID()}`
  try {
    for (const { bytes, executable, path } of files) {
      const target = join(temporary, path)
      await mkdir(dirname(target), { recursive: true, mode: 0o755 })
      await writeFile(target, bytes)
      await chmod(target, executable ? 0o755 : 0o644)
    }
    await chmod(temporary, 0o755)
    await rename(temporary, directory)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
}

const withoutPassword = (url: string): string => url.replace(/\/\/[^/@]*@/, "//")

/** A URL with a user in it would be refused by the client: such an index wants it as a header. */
const get = (url: string) => {
  const parsed = new URL(url)
  const { password, username } = parsed
  parsed.username = ""
  parsed.password = ""
  const request = HttpClientRequest.get(parsed.href)
  return username === ""
    ? request
    : HttpClientRequest.basicAuth(request, decodeURIComponent(username), decodeURIComponent(password))
}

const fetched = Effect.fnUntraced(function*(url: string) {
  const http = (yield* HttpClient.HttpClient).pipe(HttpClient.followRedirects(5), HttpClient.filterStatusOk)
  const response = yield* http.execute(get(url))
  return { url: response.request.url, bytes: new Uint8Array(yield* response.arrayBuffer) }
})

const located = Effect.fnUntraced(function*({ file, page }: Archive) {
  if (file === null) return page
  const { bytes, url } = yield* fetched(page)
  const link = linkOf(new TextDecoder().decode(bytes), file, url)
  return link ?? (yield* new ToolMissing({ detail: `${withoutPassword(page)} has no ${file}` }))
})

const download = (archive: Archive) =>
  Effect.flatMap(located(archive), fetched).pipe(
    Effect.map(({ bytes }) => bytes),
    Effect.timeout(patience),
    Effect.catch((error) =>
      Effect.fail(
        error._tag === "ToolMissing"
          ? error
          : new ToolMissing({ detail: `${withoutPassword(archive.page)}: ${withoutPassword(error.message)}` })
      )
    ),
    Effect.filterOrFail(
      (bytes) => createHash("sha256").update(bytes).digest("hex") === archive.sha256,
      () => new ToolMissing({ detail: `${withoutPassword(archive.page)} gives another file than it should` })
    )
  )

const isThere = (path: string): Promise<boolean> => access(path).then(() => true, () => false)

const make = Effect.fnUntraced(function*() {
  const { tools } = yield* StateDirectory
  const http = yield* HttpClient.HttpClient
  const turn = yield* Semaphore.make(1)
  const bring = Effect.fnUntraced(function*(archive: Archive) {
    const directory = join(tools, archive.name)
    if (yield* onDisk(directory, () => isThere(directory))) return directory
    const bytes = yield* download(archive)
    yield* onDisk(directory, () => unpack(archive, bytes, directory))
    return directory
  })
  return Toolbox.of({
    directory: (tool, arch, sources) => {
      const archive = archiveOf(tool, arch, sources)
      return archive === null
        ? Effect.fail(new ToolMissing({ detail: `There is no ${tool} for ${arch}.` }))
        : turn.withPermit(bring(archive)).pipe(Effect.provideService(HttpClient.HttpClient, http))
    }
  })
})
