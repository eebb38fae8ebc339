/** The differences we know of, those that most users meet first. Every one here is a debt or says why it is meant. */
import type { Aspect } from "./compare.ts"

export interface Known {
  readonly what: string
  /** What makes it so. */
  readonly cause: string
  /** Where in the code. */
  readonly where: string
  /** The least one can type to see it. */
  readonly reproduce: string
  readonly cases: Readonly<Record<string, ReadonlyArray<Aspect>>>
}

export const known: ReadonlyArray<Known> = []
