/** The Model Context Protocol over stdin and stdout. Loaded only for `rgrid mcp`; nothing else may write to stdout then. */
import * as Cause from "effect/Cause"
import * as Effect from "effect/Effect"
import * as Exit from "effect/Exit"
import * as Fiber from "effect/Fiber"
import * as Layer from "effect/Layer"
import * as Logger from "effect/Logger"
import * as Option from "effect/Option"
import * as McpProtocol from "effect/ai/McpProtocol"
import * as McpServer from "effect/ai/McpServer"
import { Profile } from "../profile.ts"
import { version } from "../version.ts"
import { logs } from "./logs.ts"
import { outputs } from "./outputs.ts"
import { cancel, costOf, list, status } from "./reading.ts"
import { run } from "./run.ts"

const tools = Layer.effectDiscard(
  Effect.all([run, status, logs, outputs, cancel, list, costOf], { discard: true })
)

const instructions =
  "RGrid runs scripts of this machine on a grid: other machines, or containers of this one. Use the tool run " +
  "for a script that takes long, needs many cores, or should not run here; it sends what the script needs and brings back " +
  "what it makes."

/** Newest first: a client that speaks none of them is offered the first. */
const protocols = [
  McpProtocol.v2025_11_25,
  McpProtocol.v2025_06_18,
  McpProtocol.v2025_03_26,
  McpProtocol.v2024_11_05
] as const

const server = Layer.launch(
  McpServer.layerStdio({ name: "rgrid", version, instructions, protocols, registrations: tools })
).pipe(Effect.provide(Logger.layer([Logger.withConsoleError(Logger.formatLogFmt)])))

/** Until stdin ends: the server then interrupts whoever started it, which is how it should end. */
export const serve = Effect.fnUntraced(function*(profile: string | undefined) {
  // Of this bundle, which has a copy of its own.
  const own = Effect.provideService(server, Profile, Option.fromUndefinedOr(profile))
  const exit = yield* Fiber.await(yield* Effect.forkChild(own))
  if (Exit.isFailure(exit) && !Cause.hasInterruptsOnly(exit.cause)) return yield* Effect.failCause(exit.cause)
})
