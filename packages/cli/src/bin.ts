#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import * as Runtime from "effect/Runtime"
import { main } from "./main.ts"

// All that was said is written by now. Connections that are kept, or whose closing nobody waits for, would hold the program.
NodeRuntime.runMain(main(process.argv.slice(2)).pipe(Effect.provide(NodeServices.layer)), {
  teardown: (exit) => Runtime.defaultTeardown(exit, (code) => process.exit(code))
})
