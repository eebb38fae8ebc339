import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { availableParallelism, hostname } from "node:os"
import { join, resolve } from "node:path"
import { fromEnvironment } from "rgrid/client/Connection"
import { gridDirectory } from "rgrid/client/gridFile"
import { foreground } from "../foreground.ts"
import * as input from "../input.ts"

const text = (name: string, variable: string, description: string) =>
  Flag.String(name).pipe(
    Flag.withDescription(`${description} (${variable})`),
    Flag.withFallbackConfig(Config.String(variable)),
    Flag.optional
  )

const sandboxes = ["auto", "containers", "docker", "oci", "process"] as const

const flags = {
  state: text("state", "RGRID_STATE", "Directory of its cache, slots and spools"),
  objects: text("objects", "RGRID_OBJECTS", "Directory of the grid's objects, on the grid's own machine"),
  name: text("name", "RGRID_NAME", "What people call it; default: the host's name"),
  region: text("region", "RGRID_REGION", "Where it stands, as rgrid workers shows it"),
  slots: Flag.Int("slots").pipe(
    Flag.withDescription("Scripts at a time; default: one a core (RGRID_SLOTS)"),
    Flag.withFallbackConfig(Config.Int("RGRID_SLOTS")),
    Flag.withDefault(availableParallelism())
  ),
  sandbox: Flag.Literals("sandbox", sandboxes).pipe(
    Flag.withDescription("Where scripts run; oci: in containers of crun or runc; containers: the faster (RGRID_SANDBOX)"),
    Flag.withFallbackConfig(Config.Literals(sandboxes, "RGRID_SANDBOX")),
    Flag.withDefault("auto")
  ),
  privateNetworks: Flag.Boolean("allow-private-networks").pipe(
    Flag.withDescription("Scripts may reach private addresses (RGRID_ALLOW_PRIVATE_NETWORKS)"),
    Flag.withFallbackConfig(Config.Boolean("RGRID_ALLOW_PRIVATE_NETWORKS")),
    Flag.withDefault(false)
  ),
  hourlyCost: text("hourly-cost", "RGRID_HOURLY_COST", "What an hour of this machine costs, in EUR; default: 0"),
  memory: text("default-memory", "RGRID_DEFAULT_MEMORY", "Memory of a script that asks for none; default: all"),
  ready: text("ready-directory", "RGRID_READY_DIRECTORY", "Working directory to make a slot ready for at the start"),
  caBundle: text("ca-bundle", "RGRID_CA_BUNDLE", "PEM file of authorities that scripts shall trust too"),
  packageIndex: text("package-index", "RGRID_PACKAGE_INDEX", "Where Python packages come from; default: PyPI"),
  npmRegistry: text("npm-registry", "RGRID_NPM_REGISTRY", "Where npm packages come from; default: npm's own registry")
}

const notNamed = new input.BadInput({
  what: "It is not said which grid to work for.",
  fix: "Set RGRID_URL and RGRID_API_KEY, a key with scope runner."
})

const address = <Name extends string>(flag: string, name: Name, asked: Option.Option<string>) => {
  if (Option.isNone(asked)) return Effect.succeed({})
  const url = asked.value
  return URL.canParse(url) && /^https?:/.test(url)
    ? Effect.succeed({ [name]: url })
    : Effect.fail(new input.BadInput({
      what: `${flag} is no address: ${url}`,
      fix: "Name one that begins with https://, like https://pypi.org/simple."
    }))
}

export const runner = Command.make("runner", flags, (asked) =>
  Effect.gen(function*() {
    const grid = Option.getOrNull(yield* fromEnvironment())
    if (grid === null) return yield* notNamed
    if (asked.slots < 1) return yield* new input.BadInput({ what: "--slots must be 1 or more.", fix: "Leave it out." })
    const memoryBytes = Option.isSome(asked.memory) ? yield* input.memory(asked.memory.value) : undefined
    const hourlyMicros = Option.isSome(asked.hourlyCost) ? yield* input.hourlyCost(asked.hourlyCost.value) : 0
    const settings = {
      server: grid.url,
      key: Redacted.value(grid.key),
      stateDirectory: resolve(Option.getOrElse(asked.state, () => join(gridDirectory(), "runner"))),
      ...(Option.isSome(asked.objects) ? { objects: resolve(asked.objects.value) } : {}),
      name: Option.getOrElse(asked.name, hostname),
      ...(Option.isSome(asked.region) ? { region: asked.region.value } : {}),
      slots: asked.slots,
      hourlyMicros,
      sandbox: asked.sandbox,
      allowPrivateNetworks: asked.privateNetworks,
      ...(yield* address("--package-index", "packageIndex", asked.packageIndex)),
      ...(yield* address("--npm-registry", "npmRegistry", asked.npmRegistry)),
      ...(Option.isSome(asked.ready) ? { readyWorkdir: resolve(asked.ready.value) } : {}),
      ...(Option.isSome(asked.caBundle) ? { caBundle: resolve(asked.caBundle.value) } : {}),
      defaults: memoryBytes === undefined ? {} : { memoryBytes }
    }
    return yield* foreground({ name: "runner", settings })
  })).pipe(
    Command.withDescription("Run a worker in the foreground, for the grid that RGRID_URL and RGRID_API_KEY name"),
    Command.withShortDescription("Run a worker"),
    Command.withExamples([
      { command: "rgrid runner --slots 4", description: "Four scripts at a time" },
      { command: "rgrid runner --hourly-cost 0.0119", description: "On a machine that costs 1.19 cents an hour" },
      {
        command: "rgrid runner --package-index https://pypi.example.com/simple --ca-bundle company.pem",
        description: "Python packages from the company's own index"
      },
      { command: "rgrid runner --sandbox docker --state /srv/rgrid", description: "In containers only" }
    ])
  )
