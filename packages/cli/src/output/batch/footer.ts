/** The lowest line of a batch's screen: which keys do what, or what is asked. Each in fewer and fewer words. */
import type { Line } from "./line.ts"

const key = (letter: string, words: string): Line => [[letter, "bold"], [words === "" ? "" : ` ${words}`, "dim"]]

/** As words, as fewer words, and as letters. */
type Key = readonly [letter: string, words: string, word: string]

const between = (keys: ReadonlyArray<Line>, gap: string): Line => keys.flatMap((line, i) => i === 0 ? line : [gap, ...line])

const inFewerWords = (keys: ReadonlyArray<Key>): ReadonlyArray<Line> => [
  between(keys.map(([letter, words]) => key(letter, words)), " · "),
  between(keys.map(([letter, , word]) => key(letter, word)), "  "),
  between(keys.map(([letter]) => key(letter, "")), " ")
]

export interface Can {
  readonly canRetry: boolean
  readonly canCancel: boolean
}

/** `l logs · r retry failed · c cancel all · q detach`; only what would do something. */
export const keyLines = ({ canCancel, canRetry }: Can): ReadonlyArray<Line> =>
  inFewerWords([
    ["l", "logs", "logs"],
    ...(canRetry ? [["r", "retry failed", "retry"] as const] : []),
    ...(canCancel ? [["c", "cancel all", "cancel"] as const] : []),
    ["q", "detach", "quit"]
  ])

/** Below a log, and below the list of items. */
export const backLines: ReadonlyArray<Line> = inFewerWords([["b", "back", "back"], ["q", "detach", "quit"]])

export const cancelLines = (open: number): ReadonlyArray<Line> => [
  [["Cancel all", "yellow"], ` ${open} that have not ended? `, ["y", "bold"], "/", ["n", "bold"], " "],
  [["Cancel all?", "yellow"], " ", ["y", "bold"], "/", ["n", "bold"], " "]
]

/** What has been typed stands at its end, where the cursor is. */
export const chooseLines = (typed: string): ReadonlyArray<Line> => [
  ["Number or id of an item (", ["b", "bold"], " back): ", typed],
  ["Number or id: ", typed],
  ["? ", typed]
]
