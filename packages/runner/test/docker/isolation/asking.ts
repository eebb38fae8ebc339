/** What a script sees of its slot. */
import { assert, type Vitest } from "@effect/vitest"
import * as Effect from "effect/Effect"
import type { Sandbox } from "rgrid/ports/Sandbox"
import { type helpers, python } from "rgrid/testing/SandboxContract"

export type Methods = Vitest.MethodsNonLive<Sandbox>
export type Helpers = ReturnType<typeof helpers>

/** What a Python expression prints in a slot, as JSON. */
export const asking = (execute: Helpers["execute"]) =>
  Effect.fnUntraced(function*(source: string, asked: Parameters<typeof execute>[1] = {}) {
    const { stderr, stdout } = yield* execute(python(`import json,os,sys\n${source}`), asked)
    if (stderr.length > 0) assert.fail(stderr.toString())
    return JSON.parse(stdout.toString()) as unknown
  })
