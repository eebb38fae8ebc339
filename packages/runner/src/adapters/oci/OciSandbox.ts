/**
 * Slots as containers that an OCI runtime starts on unpacked images: what the engine's containers are, made
 * faster. The engine remains: it pulls and knows images, and holds the network namespaces that slots join.
 */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import type * as Scope from "effect/Scope"
import { mkdir, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox, type SandboxError } from "rgrid/ports/Sandbox"
import { hostname } from "../docker/container.ts"
import * as DockerSandbox from "../docker/DockerSandbox.ts"
import * as errors from "../docker/errors.ts"
import * as Ground from "../docker/Ground.ts"
import * as cgroups from "./cgroups.ts"
import { Filter } from "./Filter.ts"
import type { NetworkFiles } from "./mounts.ts"
import * as OciContainer from "./OciContainer.ts"
import { reclaim, rootOf } from "./reclaim.ts"
import * as Rootfs from "./Rootfs.ts"
import { appArmorOf, remove, type Runtime, runtimeFor, unavailable } from "./runtime.ts"
import * as Starter from "./Starter.ts"

/** As the engine writes them for a container without a network. */
const alone = {
  hosts: "127.0.0.1\tlocalhost\n::1\tlocalhost ip6-localhost ip6-loopback\nfe00::0\tip6-localnet\n" +
    "ff00::0\tip6-mcastprefix\nff02::1\tip6-allnodes\nff02::2\tip6-allrouters\n",
  hostname: `${hostname}\n`,
  resolvConf: ""
}

const writeAlone = async (directory: string): Promise<NetworkFiles> => {
  await mkdir(directory, { recursive: true, mode: 0o755 })
  const files = {
    hosts: join(directory, "hosts"),
    hostname: join(directory, "hostname"),
    resolvConf: join(directory, "resolv.conf")
  }
  await writeFile(files.hosts, alone.hosts)
  await writeFile(files.hostname, alone.hostname)
  await writeFile(files.resolvConf, alone.resolvConf)
  return files
}

interface Parts {
  readonly ground: Ground.Ground
  readonly runtime: Runtime
  readonly starter: Starter.Starter
  readonly filter: Filter
  readonly roots: Rootfs.Rootfs
  readonly files: NetworkFiles
}

const started = ({ files, filter, ground, roots, runtime, starter }: Parts): DockerSandbox.Containers["start"] =>
  Effect.fnUntraced(function*(plan, image, joined) {
    const lower = yield* roots.use(image.id)
    const handle = joined === undefined ? undefined : yield* joined.handle
    return yield* OciContainer.make({
      ...plan,
      ...appArmorOf(ground),
      ...(handle === undefined ? {} : { networkNamespace: handle.path }),
      files: handle ?? files,
      cgroup: `${cgroups.runnersGroup(ground.settings.runnerId)}/${plan.slot}`,
      ...(filter.compiled === undefined ? {} : { compiled: filter.compiled }),
      filter,
      runtime,
      starter,
      root: rootOf(ground, runtime.name),
      lower
    })
  })

/** The engine's own until the image is unpacked: it has just been pulled for somebody who waits. */
const engineFirst = (parts: Parts, scope: Scope.Scope): DockerSandbox.Containers["start"] => {
  const { ground, roots } = parts
  const unpack = (image: string) =>
    Effect.scoped(roots.use(image)).pipe(
      Effect.catch((error) => Effect.logWarning("An image could not be unpacked", image, error.reason._tag)),
      Effect.forkIn(scope)
    )
  return Effect.fnUntraced(function*(plan, image, joined) {
    if (yield* roots.has(image.id)) return yield* started(parts)(plan, image, joined)
    yield* unpack(image.id)
    return yield* DockerSandbox.ofEngine(ground).start(plan, image, joined)
  })
}

/**
 * Its control groups go with the scope; the unpacked images stay. A slot of an image that is not unpacked waits for that,
 * or is the engine's, which isolates it just so.
 */
export const over = Effect.fnUntraced(function*(
  ground: Ground.Ground,
  runtime: Runtime,
  meanwhile: "wait" | "engine"
): Effect.fn.Return<Sandbox["Service"], SandboxError, Scope.Scope> {
  const { runnerId, stateDirectory } = ground.settings
  const files = yield* Effect.tryPromise({
    try: async () => {
      await mkdir(rootOf(ground, runtime.name), { recursive: true, mode: 0o700 })
      return await writeAlone(join(stateDirectory, "oci", "files"))
    },
    catch: errors.fromFiles(stateDirectory)
  })
  yield* Effect.addFinalizer(() => cgroups.removeRunners(runnerId))
  const starter = yield* Starter.make(stateDirectory, join(stateDirectory, "oci"), runtime)
  const roots = Rootfs.make(ground.engine, stateDirectory)
  const filter = new Filter(runtime, rootOf(ground, runtime.name))
  const parts = { ground, runtime, starter, filter, roots, files }
  return DockerSandbox.over(ground, {
    name: "oci",
    start: meanwhile === "wait" ? started(parts) : engineFirst(parts, yield* Effect.scope),
    end: (slot) =>
      Effect.andThen(remove(runtime, rootOf(ground, runtime.name), slot), DockerSandbox.ofEngine(ground).end(slot)),
    reclaim: Effect.tap(reclaim(ground), () => roots.prune)
  })
})

/** `Sandbox` on this machine's crun, else its runc. Fails with `SandboxUnavailable` and why where that can't be. */
export const make = Effect.fnUntraced(function*(
  settings: DockerSandbox.DockerSettings,
  only?: Runtime["name"]
): Effect.fn.Return<Sandbox["Service"], SandboxError, Scope.Scope> {
  const ground = yield* Ground.make(settings)
  const runtime = yield* runtimeFor(ground, only)
  if (typeof runtime === "string") return yield* unavailable(runtime)
  return yield* over(ground, runtime, "wait")
})

export const layer = (
  settings: DockerSandbox.DockerSettings,
  only?: Runtime["name"]
): Layer.Layer<Sandbox, SandboxError> => Layer.effect(Sandbox, make(settings, only))
