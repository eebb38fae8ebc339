import * as SandboxContract from "rgrid/testing/SandboxContract"
import { image, sandboxLayer } from "./fixture.ts"

SandboxContract.suite("docker", {
  layer: sandboxLayer("contract"),
  image,
  workdir: "/home/someone/a project",
  capabilities: { memoryLimit: true, networkNone: true, ownPidNamespace: true, pids: true, ownMemory: true }
})
