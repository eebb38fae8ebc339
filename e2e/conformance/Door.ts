/** One thing a user asks for, and how it ended, in words that every way into RGrid shares. */
import type { TestGrid } from "../harness.ts"

export interface Scenario {
  readonly name: string
  /** What stands in the working directory before: text, or bytes. A name that ends in `/` is an empty directory. */
  readonly files: Readonly<Record<string, string | Uint8Array>>
  readonly script: string
  readonly args?: ReadonlyArray<string>
  readonly runtime?: string
  readonly env?: Readonly<Record<string, string>>
  readonly secrets?: Readonly<Record<string, string>>
  readonly stdin?: string
  /** Seconds. */
  readonly timeout?: number
  readonly memoryMegabytes?: number
  readonly network?: "none"
  readonly metadata?: Readonly<Record<string, string>>
  /** Once for each; with it the outcome has `items`. */
  readonly over?: ReadonlyArray<string>
  readonly failOn?: "any" | "all"
  readonly expect: Expected
}

/** How one execution ended. */
export interface Ended {
  readonly status: "completed" | "failed" | "timed out" | "canceled"
  readonly exitCode: number | null
  /** The `_tag` of why it did not complete. */
  readonly failure: string | null
}

export interface Outcome extends Ended {
  /** What the way in itself ended with, where it is a program that ends with the script. */
  readonly code?: number | null
  readonly stdout: Buffer
  readonly stderr: Buffer
  /** What is new or other in the working directory afterwards; directories that are new end in `/`. */
  readonly files: Readonly<Record<string, Buffer>>
  readonly metadata: Readonly<Record<string, string>>
  /** Of a batch: by what it was given as. */
  readonly items?: Readonly<Record<string, Ended>>
}

/** What must be so; what is left out may be anything. */
export interface Expected {
  readonly status: Ended["status"]
  readonly exitCode?: number | null
  readonly failure?: string | null
  readonly stdout?: string | Uint8Array
  /** Part of it. */
  readonly stderr?: string
  readonly files?: Readonly<Record<string, string | Uint8Array>>
  readonly metadata?: Readonly<Record<string, string>>
  readonly items?: Readonly<Record<string, Partial<Ended>>>
}

/** What not every way in can be asked for. */
export type Need = "stdin" | "secrets" | "batch" | "metadata"

export interface Door {
  readonly name: string
  /** What can't be asked for here, and why: a reader is to find it in one place. */
  readonly lacks: Partial<Readonly<Record<Need, string>>>
  /** What it must end with itself. */
  readonly codeOf?: (expected: Expected) => number
  readonly run: (scenario: Scenario, place: string, grid: TestGrid) => Promise<Outcome>
}

export const needsOf = (scenario: Scenario): ReadonlyArray<Need> => [
  ...(scenario.stdin === undefined ? [] : ["stdin" as const]),
  ...(scenario.secrets === undefined ? [] : ["secrets" as const]),
  ...(scenario.over === undefined ? [] : ["batch" as const]),
  ...(scenario.metadata === undefined ? [] : ["metadata" as const])
]
