import type { ExecutionId } from "./Id.ts"

/** One attempt of an execution. Its fence counts the attempts claimed so far, from 1: a later one has a larger. */
export interface Attempt {
  readonly execution: ExecutionId
  readonly fence: number
}
