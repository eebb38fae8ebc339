/** What is to be said of one case. */
import type { Aspect, Differences } from "./compare.ts"
import { known } from "./known.ts"

export type Verdict =
  | { readonly kind: "same" }
  | { readonly kind: "different"; readonly differences: Differences; readonly known: ReadonlyArray<string> }
  | { readonly kind: "unexpected"; readonly differences: Differences; readonly gone: ReadonlyArray<Aspect> }
  | { readonly kind: "incomparable"; readonly reason: string }

const entriesOf = (name: string) => known.filter(({ cases }) => name in cases)

export const isKnown = (name: string): boolean => entriesOf(name).length > 0

/** A difference that is listed and no longer there is as wrong as one that is there and not listed. */
export const judge = (name: string, found: Differences): Verdict => {
  const entries = entriesOf(name)
  const expected = new Set(entries.flatMap(({ cases }) => cases[name]!))
  const gone = [...expected].filter((aspect) => !found.has(aspect))
  const surprises = [...found.keys()].filter((aspect) => !expected.has(aspect))
  if (gone.length > 0 || surprises.length > 0) return { kind: "unexpected", differences: found, gone }
  if (found.size === 0) return { kind: "same" }
  return { kind: "different", differences: found, known: entries.map(({ what }) => what) }
}

const because = (found: Differences): string => [...found].map(([aspect, how]) => `${aspect}: ${how}`).join("; ")

export const reason = (verdict: Verdict): string => {
  switch (verdict.kind) {
    case "same":
      return ""
    case "incomparable":
      return verdict.reason
    case "different":
      return `${verdict.known.join("; ")} (${[...verdict.differences.keys()].join(", ")})`
    case "unexpected":
      return [because(verdict.differences), ...verdict.gone.map((aspect) => `${aspect}: listed as different, is the same`)]
        .filter((part) => part !== "").join("; ")
  }
}
