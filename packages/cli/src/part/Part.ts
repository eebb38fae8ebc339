import type { PlainRunnerSettings } from "@rgrid/runner"
import type { PlainServerSettings } from "@rgrid/server"

/** A server that nobody needs writes `stopFile`: whoever started it ends it then. */
interface Idle {
  readonly limitMillis: number
  readonly stopFile: string
}

/** A server or a runner with all it is told, as it travels from the command line to a process of its own. */
export type Part =
  | { readonly name: "server"; readonly settings: Omit<PlainServerSettings, "idle"> & { readonly idle?: Idle } }
  | { readonly name: "runner"; readonly settings: PlainRunnerSettings }

/**
 * glibc gives each thread a heap of its own and keeps what is free again in all of them: 12 MB of a runner after a batch.
 * Of its environment only the process itself is meant.
 */
export const frugal = { MALLOC_ARENA_MAX: "1", MALLOC_TRIM_THRESHOLD_: "65536" }

/** The variable it travels in: a process's arguments are everybody's to read. */
export const variable = "RGRID_PART"
