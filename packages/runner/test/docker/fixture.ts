/** The sandboxes of containers, each with a state directory of its own, for one test file. */
import { afterAll } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtempSync, rmSync } from "node:fs"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Sandbox, SandboxError } from "rgrid/ports/Sandbox"
import { engine, type Kind, type Settings } from "./kinds.ts"

export { type Kind, kinds } from "./kinds.ts"

export const image = process.env["RGRID_TEST_IMAGE"] ?? "python:3.11-slim"

export const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-slots-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** Unique, so that test files running side by side leave each other's slots alone. */
export const runnerIdFor = (name: string): string => `test-${name}-${process.pid}`

/** An image is unpacked once for all tests of a file, not for each of their state directories. */
const unpacked = mkdtempSync(join(tmpdir(), "rgrid-rootfs-"))
process.env["RGRID_TEST_ROOTFS"] = unpacked
afterAll(() => rmSync(unpacked, { recursive: true, force: true }))

export const sandboxLayer = (
  name: string,
  settings: Partial<Settings> = {},
  kind: Kind = engine
): Layer.Layer<Sandbox, SandboxError> =>
  Layer.unwrap(Effect.map(temporaryDirectory, (stateDirectory) =>
    kind.layer({ runnerId: runnerIdFor(`${name}-${kind.name}`), stateDirectory, allowPrivateNetworks: true, ...settings })))
