/**
 * The filter of system calls as crun compiled it for a slot before: of what crun takes, compiling it anew is a fifth.
 * It depends on nothing but the profile, which all slots of a runner have, and on crun.
 */
import { readFileSync } from "node:fs"
import { join } from "node:path"
import type { Runtime } from "./runtime.ts"

/** Of one instruction. */
const size = 8

export class Filter {
  /** As crun's annotation has it; absent where it is not known. */
  compiled: string | undefined
  private readonly runtime: Runtime
  private readonly root: string

  constructor(runtime: Runtime, root: string) {
    this.runtime = runtime
    this.root = root
  }

  /** From a slot that waits for its script. */
  learn(slot: string): void {
    if (this.compiled !== undefined || this.runtime.name !== "crun") return
    try {
      const bytes = readFileSync(join(this.root, slot, "seccomp.bpf"))
      if (bytes.length > 0 && bytes.length % size === 0) this.compiled = bytes.toString("base64")
    } catch {
      // A crun that keeps it elsewhere.
    }
  }
}
