/** Which adapters a runner runs on. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as NodeHttpClient from "@effect/platform-node/NodeHttpClient"
import * as NodeWS from "@effect/platform-node/NodeWS"
import { dockerSocket } from "rgrid/domain/DockerHost"
import { Sandbox, SandboxError, SandboxUnavailable } from "rgrid/ports/Sandbox"
import { AttemptClients } from "./attempt/AttemptClient.ts"
import { likelyRequest } from "./attempt/place.ts"
import { Workspace } from "./attempt/Workspace.ts"
import { Cache } from "./Cache.ts"
import * as DockerSandbox from "./adapters/docker/DockerSandbox.ts"
import * as choice from "./adapters/oci/choice.ts"
import * as OciSandbox from "./adapters/oci/OciSandbox.ts"
import * as ProcessSandbox from "./adapters/process/ProcessSandbox.ts"
import { Layers } from "./dependencies/Layers.ts"
import { Toolbox } from "./dependencies/Toolbox.ts"
import { Lowers } from "./overlay/Lowers.ts"
import { Slots } from "./Slots.ts"
import { type RunnerSettings, Settings } from "./Settings.ts"

/** Workspaces are directories of this machine, which an engine of another can't mount. */
const elsewhere = Layer.effect(
  Sandbox,
  Effect.fail(
    new SandboxError({
      reason: new SandboxUnavailable({ sandbox: "docker", detail: "DOCKER_HOST names an engine of another machine." })
    })
  )
)

/** The sandbox the settings name. */
export const sandbox = (settings: RunnerSettings, runnerId: string): Layer.Layer<Sandbox, SandboxError> => {
  const { allowPrivateNetworks, caBundle, stateDirectory } = settings
  const socketPath = dockerSocket(process.env["DOCKER_HOST"])
  const engine = socketPath === null ? null : {
    runnerId,
    stateDirectory,
    socketPath,
    allowPrivateNetworks,
    ...(caBundle === undefined ? {} : { caBundle })
  }
  const on = (layer: (settings: DockerSandbox.DockerSettings) => Layer.Layer<Sandbox, SandboxError>) =>
    engine === null ? elsewhere : layer(engine)
  const plain = ProcessSandbox.layer({ stateDirectory })
  switch (settings.sandbox) {
    case "docker":
      return on(DockerSandbox.layer)
    case "oci":
      return on(OciSandbox.layer)
    case "containers":
      return on((own) => choice.layer(own, "later"))
    case "process":
      return plain
    case "auto":
      return Layer.catch(on((own) => choice.layer(own, "now")), () =>
        Layer.unwrap(Effect.as(
          Effect.logWarning("No Docker engine answers: scripts run as plain processes, isolated from nothing"),
          plain
        )))
  }
}

/** What attempts need, over a sandbox and a state directory. */
export const services = (settings: RunnerSettings) =>
  Layer.mergeAll(Slots.layer(settings.slots, likelyRequest(settings)), AttemptClients.layer(settings.server), Layers.layer()).pipe(
    Layer.provideMerge(Workspace.layer),
    Layer.provideMerge(Toolbox.layer),
    Layer.provideMerge(Lowers.layer()),
    Layer.provideMerge(Cache.layer()),
    Layer.provideMerge(NodeHttpClient.layerUndici),
    Layer.provideMerge(NodeWS.layerWebSocketConstructor),
    Layer.provideMerge(Layer.succeed(Settings, settings))
  )
