#!/usr/bin/env node
import * as NodeRuntime from "@effect/platform-node/NodeRuntime"
import * as NodeServices from "@effect/platform-node/NodeServices"
import * as Effect from "effect/Effect"
import { main } from "./main.ts"

NodeRuntime.runMain(main(process.argv.slice(2)).pipe(Effect.provide(NodeServices.layer)))
