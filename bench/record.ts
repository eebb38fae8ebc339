/** What a run of all rows leaves: RESULTS.md, an entry of the history, its picture. */
import { execFileSync } from "node:child_process"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { arch, cpus, loadavg, platform } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { shareOf } from "./budget.ts"
import { scale } from "./measure.ts"
import { picture } from "./picture.ts"
import { commands, type Measured, metOf, ratioOf, table } from "./report.ts"

const here = dirname(fileURLToPath(import.meta.url))

export interface Entry {
  readonly date: string
  readonly commit: string
  /** Only what ran on the same kind of machine can be compared. */
  readonly machine: string
  readonly scale: number
  /** Of the machine before the first measurement: with more than a little, even ratios are not worth much. */
  readonly load: number
  readonly rows: ReadonlyArray<{
    readonly row: string
    readonly ours: number
    readonly reference: number | null
    readonly unit: string
    readonly ratio: number | null
    readonly budget: string | null
    /** Of its budget; more than 1 is too much. */
    readonly share: number | null
    readonly met: boolean | null
  }>
}

/** Four digits: more is noise. */
const rounded = (value: number): number => Number(value.toPrecision(4))

const rowOf = (measured: Measured): Entry["rows"][number] => {
  const { budget, name, ours, reference, unit } = measured
  const ratio = ratioOf(measured)
  return {
    row: name,
    ours: rounded(ours),
    reference: reference === null ? null : rounded(reference),
    unit,
    ratio: ratio === null ? null : rounded(ratio),
    budget: budget?.sentence ?? null,
    share: budget === null ? null : rounded(shareOf(budget, ours, reference)),
    met: metOf(measured)
  }
}

const commit = () => execFileSync("git", ["rev-parse", "--short", "HEAD"], { cwd: here, encoding: "utf8" }).trim()

const today = () => new Date().toISOString().slice(0, 10)

const machine = `${platform()} ${arch()}, ${cpus().length} cores`

const atScale = scale === 1 ? "" : `, scale ${scale}`

const load = rounded(loadavg()[0]!)

const entryOf = (measured: ReadonlyArray<Measured>): Entry => ({
  date: today(),
  commit: commit(),
  machine,
  scale,
  load,
  rows: measured.map(rowOf)
})

const historyWith = (entry: Entry): ReadonlyArray<Entry> => {
  const path = join(here, "history.json")
  const before: ReadonlyArray<Entry> = existsSync(path) ? JSON.parse(readFileSync(path, "utf8")) : []
  const history = [...before.filter(({ commit, machine }) => commit !== entry.commit || machine !== entry.machine), entry]
  writeFileSync(path, `${JSON.stringify(history, null, 2)}\n`)
  return history
}

const results = ({ commit, date, load, machine }: Entry, measured: ReadonlyArray<Measured>, left: ReadonlyArray<string>) => [
  "# Results",
  "",
  `One run of \`npm run bench\` at ${commit}, ${date}, ${machine}, Node ${process.version}${atScale}.`,
  `Medians; ours and the reference in turn. A ratio is RGrid's figure by the reference's. Load before it: ${load}.`,
  "",
  table(measured),
  "",
  ...left.flatMap((line) => [`Left out: ${line}`, ""]),
  "![each row's share of its budget over time](history.svg)",
  "",
  "Where the time goes in rows that need a second look: [PROFILES.md](PROFILES.md).",
  "",
  "## One row again",
  "",
  commands(measured),
  ""
]

export const record = (measured: ReadonlyArray<Measured>, left: ReadonlyArray<string>): void => {
  const entry = entryOf(measured)
  const history = historyWith(entry)
  writeFileSync(join(here, "RESULTS.md"), results(entry, measured, left).join("\n"))
  writeFileSync(join(here, "history.svg"), picture(history.filter(({ machine }) => machine === entry.machine)))
}

const profilesHead = () => `# Where the time goes

\`npm run bench -- --profile\` at ${commit()}, ${today()}, ${machine}, Node ${process.version}${atScale}.
Moments are medians of several runs. One row alone: \`npm run bench -- --profile whole-command\`. Load before it: ${load}.

`

export const recordProfiles = (profiles: ReadonlyArray<string>): void =>
  writeFileSync(join(here, "PROFILES.md"), `${profilesHead()}${profiles.join("\n")}`)
