/** What was found, as a table for people. */
import { existsSync, readFileSync } from "node:fs"
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

const row = ([name, verdict]: Found[number]): string =>
  `| ${cell(name)} | ${words[verdict.kind]} | ${cell(reason(verdict))} |`

const tableOf = (rows: ReadonlyArray<string>): string =>
  ["| script | grid against here | why |", "|---|---|---|", ...rows].join("\n")

export const table = (found: Found): string => tableOf(found.map(row))

const explained = ({ cases, cause, reproduce, what, where }: Known, index: number): string =>
  [
    `${index + 1}. **${what}**. ${cause} (\`${where}\`)`,
    `   See it: \`${reproduce}\`. Cases: ${Object.keys(cases).join(", ")}.`
  ].join("\n")

const knownList = (): string => known.map(explained).join("\n")

const textOf = (path: string): string => existsSync(path) ? readFileSync(path, "utf8") : ""

/** The page with the rows of these scripts renewed, in the order of all names; rows of scripts that are gone go. */
export const page = (path: string, about: string, names: ReadonlyArray<string>, found: Found): string => {
  const old = textOf(path).split("\n")
  const renewed = new Map(found.map((one) => [cell(one[0]), row(one)]))
  const rows = names.map(cell).flatMap((name) => renewed.get(name) ?? old.find((line) => line.startsWith(`| ${name} | `)) ?? [])
  const count = (kind: string) => rows.filter((line) => line.includes(` | ${kind} | `)).length
  const summary = Object.values(words).map((kind) => `${count(kind)} ${kind.toLowerCase()}`).join(", ")
  const parts = ["# Results", about, `${rows.length} scripts: ${summary}.`, "## Known differences", knownList()]
  return [...parts, "## Every script", tableOf(rows), ""].join("\n\n").trimEnd() + "\n"
}
