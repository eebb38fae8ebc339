/**
 * The engine's containers or an OCI runtime's: what is faster on this machine. Measured once and remembered, with the
 * versions it was measured with; where anything is odd, the engine.
 */
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import type * as Scope from "effect/Scope"
import { readFile, rename, writeFile } from "node:fs/promises"
import { release } from "node:os"
import { join } from "node:path"
import { defaultRuntime, imageOf } from "rgrid/runtimes/resolve"
import { Sandbox, type SandboxError, type SlotRequest } from "rgrid/ports/Sandbox"
import * as DockerSandbox from "../docker/DockerSandbox.ts"
import * as Ground from "../docker/Ground.ts"
import * as images from "../docker/images.ts"
import * as OciSandbox from "./OciSandbox.ts"
import { reclaim } from "./reclaim.ts"
import { type Runtime, runtimeFor } from "./runtime.ts"

/** Milliseconds for a slot made and destroyed. */
const Verdict = Schema.Struct({ versions: Schema.String, docker: Schema.Finite, oci: Schema.Finite })
type Verdict = typeof Verdict.Type

const decode = Schema.decodeUnknownOption(Schema.fromJsonString(Verdict))

/** A difference that is none is not worth another path. */
export const isFaster = ({ docker, oci }: Pick<Verdict, "docker" | "oci">): boolean => oci < docker * 0.9

const pathIn = (directory: string): string => join(directory, "sandbox.json")

const versionsOf = ({ info }: Ground.Ground, { name, version }: Runtime): string =>
  [release(), info.ServerVersion, name, version.split("\n")[0]].join(" | ")

const remembered = (directory: string, versions: string): Effect.Effect<Option.Option<Verdict>> =>
  Effect.promise(() => readFile(pathIn(directory), "utf8").catch(() => "")).pipe(
    Effect.map((text) => Option.filter(decode(text), (verdict) => verdict.versions === versions))
  )

const remember = (directory: string, verdict: Verdict): Effect.Effect<void> =>
  Effect.promise(async () => {
    await writeFile(`${pathIn(directory)}.new`, `${JSON.stringify(verdict, null, 2)}\n`)
    await rename(`${pathIn(directory)}.new`, pathIn(directory))
  }).pipe(Effect.ignoreCause)

const times = 3

const once = (sandbox: Sandbox["Service"], request: SlotRequest): Effect.Effect<number, SandboxError> =>
  Effect.gen(function*() {
    const begun = yield* Clock.currentTimeNanos
    yield* Effect.scoped(Effect.flatMap(sandbox.prepare(request), (slot) => slot.open(request)))
    return Number((yield* Clock.currentTimeNanos) - begun) / 1e6
  })

const median = (numbers: ReadonlyArray<number>): number => Math.round(numbers.toSorted((a, b) => a - b)[numbers.length >> 1] ?? 0)

/** In turn, so that what else this machine does hits both; the first of each, which unpacks the image, does not count. */
const measure = Effect.fnUntraced(function*(ground: Ground.Ground, runtime: Runtime) {
  const docker = DockerSandbox.over(ground)
  const oci = yield* OciSandbox.over(ground, runtime, "wait")
  const request: SlotRequest = {
    image: imageOf(defaultRuntime),
    tenant: "measuring",
    workdir: "/work",
    outside: [],
    limits: {},
    network: "open"
  }
  const seen: { docker: Array<number>; oci: Array<number> } = { docker: [], oci: [] }
  for (let turn = 0; turn <= times; turn++) {
    const [a, b] = [yield* once(docker, request), yield* once(oci, request)]
    if (turn === 0) continue
    seen.docker.push(a)
    seen.oci.push(b)
  }
  const verdict = { versions: versionsOf(ground, runtime), docker: median(seen.docker), oci: median(seen.oci) }
  yield* remember(ground.settings.stateDirectory, verdict)
  return verdict
}, Effect.scoped)

/** None where there is no image to measure with, or it can't be done: the next start tries again. */
const tried = (ground: Ground.Ground, runtime: Runtime): Effect.Effect<Option.Option<Verdict>> =>
  images.has(ground.engine, imageOf(defaultRuntime)).pipe(
    Effect.flatMap((there) => there ? Effect.asSome(measure(ground, runtime)) : Effect.succeedNone),
    Effect.timeout("1 minute"),
    Effect.catch((error) =>
      Effect.as(Effect.logInfo("Containers without the engine could not be tried", String(error)), Option.none())
    )
  )

/** When a grid was started to run something, that comes first. */
const later = "30 seconds"

const decided = (ground: Ground.Ground, runtime: Runtime, when: "now" | "later") =>
  Effect.gen(function*() {
    const known = yield* remembered(ground.settings.stateDirectory, versionsOf(ground, runtime))
    if (Option.isSome(known)) return known
    if (when === "now") return yield* tried(ground, runtime)
    yield* Effect.forkScoped(Effect.delay(tried(ground, runtime), later))
    return Option.none()
  })

/** Which to use. `later`: where it has to be measured, that is for the next start, and this one is the engine's. */
export const make = Effect.fnUntraced(function*(
  settings: DockerSandbox.DockerSettings,
  when: "now" | "later"
): Effect.fn.Return<Sandbox["Service"], SandboxError, Scope.Scope> {
  const ground = yield* Ground.make(settings)
  const found = yield* runtimeFor(ground)
  if (typeof found === "string") {
    yield* Effect.logDebug("Scripts run in the engine's containers", found)
    return DockerSandbox.over(ground)
  }
  const verdict = Option.getOrUndefined(yield* decided(ground, found, when))
  const isOci = verdict !== undefined && isFaster(verdict)
  yield* Effect.logInfo(`Scripts run in containers of ${isOci ? found.name : "Docker"}`, verdict ?? "not measured yet")
  if (isOci) return yield* OciSandbox.over(ground, found, "engine")
  // An earlier life may have had the other.
  return DockerSandbox.over(ground, { ...DockerSandbox.ofEngine(ground), reclaim: reclaim(ground) })
})

export const layer = (
  settings: DockerSandbox.DockerSettings,
  when: "now" | "later"
): Layer.Layer<Sandbox, SandboxError> => Layer.effect(Sandbox, make(settings, when))
