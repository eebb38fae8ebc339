import * as SandboxContract from "rgrid/testing/SandboxContract"
import { image, kinds, sandboxLayer } from "./fixture.ts"

for (const kind of kinds) {
  SandboxContract.suite(kind.name, {
    layer: sandboxLayer("contract", {}, kind),
    image,
    workdir: "/home/someone/a project",
    capabilities: { memoryLimit: true, networkNone: true, ownPidNamespace: true, pids: true, ownMemory: true }
  })
}
