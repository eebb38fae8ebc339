import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Config from "effect/Config"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Redacted from "effect/Redacted"
import { join, resolve } from "node:path"
import { gridDirectory } from "rgrid/client/gridFile"
import { foreground } from "../foreground.ts"
import { BadInput } from "../input.ts"

const input = {
  data: Flag.String("data").pipe(
    Flag.withDescription("Directory of objects, logs and, without DATABASE_URL, the database (RGRID_DATA)"),
    Flag.withFallbackConfig(Config.String("RGRID_DATA")),
    Flag.optional
  ),
  host: Flag.String("host").pipe(
    Flag.withDescription("Address to listen on (RGRID_HOST)"),
    Flag.withFallbackConfig(Config.String("RGRID_HOST")),
    Flag.withDefault("127.0.0.1")
  ),
  port: Flag.Int("port").pipe(
    Flag.withDescription("Port to listen on (RGRID_PORT)"),
    Flag.withFallbackConfig(Config.Port("RGRID_PORT")),
    Flag.withDefault(7400)
  )
}

// Never flags: a process's arguments are everybody's to read.
const secrets = Config.all({
  databaseUrl: Config.option(Config.Redacted("DATABASE_URL")),
  bootstrapKey: Config.option(Config.Redacted("RGRID_BOOTSTRAP_KEY"))
})

// Told by the keeper of the grid of this machine, to which this file means the end. Nobody else's server ends by itself.
const keepers = Config.all({ seconds: Config.Int("RGRID_IDLE_SECONDS"), stopFile: Config.String("RGRID_STOP_FILE") })

const idleOf = ({ seconds, stopFile }: { readonly seconds: number; readonly stopFile: string }) => ({
  limitMillis: seconds * 1000,
  stopFile
})

const notAPort = (port: number) =>
  new BadInput({ what: `--port ${port} is no port.`, fix: "Give a number from 0 to 65535; 0 takes a free one." })

export const server = Command.make("server", input, ({ data, host, port }) =>
  Effect.gen(function*() {
    if (port < 0 || port > 65_535) return yield* notAPort(port)
    const { bootstrapKey, databaseUrl } = yield* secrets
    const idle = yield* Config.option(keepers)
    const settings = {
      host,
      port,
      dataDirectory: resolve(Option.getOrElse(data, () => join(gridDirectory(), "data"))),
      ...(Option.isSome(databaseUrl) ? { databaseUrl: Redacted.value(databaseUrl.value) } : {}),
      ...(Option.isSome(bootstrapKey) ? { bootstrapKey: Redacted.value(bootstrapKey.value) } : {}),
      ...(Option.isSome(idle) ? { idle: idleOf(idle.value) } : {})
    }
    return yield* foreground({ name: "server", settings })
  })).pipe(
    Command.withDescription(
      "Run a control plane in the foreground. DATABASE_URL names its Postgres (else it starts its own); " +
        "RGRID_BOOTSTRAP_KEY is an admin key that works from the first start on."
    ),
    Command.withShortDescription("Run a control plane"),
    Command.withExamples([
      { command: "rgrid server --host 0.0.0.0 --port 7400", description: "For others on the network" }
    ])
  )
