/** Which adapters a runner runs on. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeSocket from "@effect/platform-node/NodeSocket"
import { Sandbox, type SandboxError } from "rgrid/ports/Sandbox"
import { AttemptClients } from "./attempt/AttemptClient.ts"
import { Workspace } from "./attempt/Workspace.ts"
import { Cache } from "./Cache.ts"
import * as DockerSandbox from "./adapters/docker/DockerSandbox.ts"
import * as ProcessSandbox from "./adapters/process/ProcessSandbox.ts"
import { Slots } from "./Slots.ts"
import { type RunnerSettings, Settings } from "./Settings.ts"

/** The sandbox the settings name; `auto` is Docker where an engine answers. */
export const sandbox = (settings: RunnerSettings, runnerId: string): Layer.Layer<Sandbox, SandboxError> => {
  const { allowPrivateNetworks, caBundle, stateDirectory } = settings
  const docker = DockerSandbox.layer({
    runnerId,
    stateDirectory,
    allowPrivateNetworks,
    ...(caBundle === undefined ? {} : { caBundle })
  })
  const process = ProcessSandbox.layer({ stateDirectory })
  switch (settings.sandbox) {
    case "docker":
      return docker
    case "process":
      return process
    case "auto":
      return Layer.catch(docker, () =>
        Layer.unwrap(Effect.as(
          Effect.logWarning("No Docker engine answers: scripts run as plain processes, isolated from nothing"),
          process
        )))
  }
}

/** What attempts need, over a sandbox and a state directory. */
export const services = (settings: RunnerSettings) =>
  Layer.mergeAll(Slots.layer(settings.slots), AttemptClients.layer(settings.server), Workspace.layer).pipe(
    Layer.provideMerge(Cache.layer()),
    Layer.provideMerge(NodeHttpClient.layerUndici),
    Layer.provideMerge(NodeSocket.layerWebSocketConstructor),
    Layer.provideMerge(Layer.succeed(Settings, settings))
  )
