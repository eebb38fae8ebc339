/** An execution's outputs, fetched to where somebody wants them and not to where it would have written them. */
import * as DateTime from "effect/DateTime"
import { resolve } from "node:path"
import type { OutputList } from "rgrid/api/Executions"
import { bringBack } from "rgrid/client/bringBack"
import type { Execution } from "rgrid/domain/Execution"

/** `listed`: what it made, where that is known already. */
export const downloaded = (execution: Execution, directory: string, listed?: OutputList) =>
  bringBack(execution, { directory: resolve(directory), since: DateTime.toEpochMillis(execution.createdAt), listed })
