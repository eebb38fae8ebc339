/** What was found, as a table for people. */
import { known, type Known } from "./known.ts"
import { reason, type Verdict } from "./verdict.ts"

export type Found = ReadonlyArray<readonly [name: string, verdict: Verdict]>

const words: Record<Verdict["kind"], string> = {
  same: "same",
  different: "different",
  unexpected: "UNEXPECTED",
  incomparable: "not comparable"
}

const cell = (text: string): string => text.replaceAll("|", "\\|").replaceAll(/\s+/g, " ")

export const counts = (found: Found): string =>
  (Object.keys(words) as ReadonlyArray<Verdict["kind"]>)
    .map((kind) => `${found.filter(([, verdict]) => verdict.kind === kind).length} ${words[kind].toLowerCase()}`)
    .join(", ")

export const table = (found: Found): string =>
  [
    "| script | grid against here | why |",
    "|---|---|---|",
    ...found.map(([name, verdict]) => `| ${cell(name)} | ${words[verdict.kind]} | ${cell(reason(verdict))} |`)
  ].join("\n")

const explained = ({ cases, cause, reproduce, what, where }: Known, index: number): string =>
  [
    `${index + 1}. **${what}**. ${cause} (\`${where}\`)`,
    `   See it: \`${reproduce}\`. Cases: ${Object.keys(cases).join(", ")}.`
  ].join("\n")

export const knownList = (): string => known.map(explained).join("\n")
