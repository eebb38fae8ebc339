/** A Docker sandbox with a state directory of its own, for one test file. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import { mkdtemp, rm } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import type { Sandbox, SandboxError } from "rgrid/ports/Sandbox"
import * as DockerSandbox from "../../src/adapters/docker/DockerSandbox.ts"

export const image = process.env["RGRID_TEST_IMAGE"] ?? "python:3.11-slim"

export const temporaryDirectory = Effect.acquireRelease(
  Effect.promise(() => mkdtemp(join(tmpdir(), "rgrid-slots-"))),
  (path) => Effect.promise(() => rm(path, { recursive: true, force: true }))
)

/** Unique, so that test files running side by side leave each other's slots alone. */
export const runnerIdFor = (name: string): string => `test-${name}-${process.pid}`

export const sandboxLayer = (
  name: string,
  settings: Partial<DockerSandbox.DockerSettings> = {}
): Layer.Layer<Sandbox, SandboxError> =>
  Layer.unwrap(Effect.map(temporaryDirectory, (stateDirectory) =>
    DockerSandbox.layer({ runnerId: runnerIdFor(name), stateDirectory, allowPrivateNetworks: true, ...settings })))
