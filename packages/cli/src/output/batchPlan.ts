/** What `rgrid run --batch … --dry-run` shows. */
import * as Option from "effect/Option"
import type { BatchPlan, BatchRequest, PlannedItem } from "rgrid/client/batch/plan"
import type { Found } from "rgrid/client/travel/Travelling"
import { count, plain, size } from "./format.ts"
import { installs, names, planJson, section, travelling } from "./plan.ts"
import { fields } from "./table.ts"

export interface Landing {
  readonly outputDir: Option.Option<string>
  readonly flat: boolean
}

/** Enough to see whether the arguments are as meant. */
const shown = 5

/** So many that nobody would look for one among them. */
const named = 5

const number = (value: number): string => value.toLocaleString("en")

const items = (amount: number): string => `${number(amount)} item${amount === 1 ? "" : "s"}`

const landing = ({ flat, outputDir }: Landing, { name }: PlannedItem): string =>
  `${Option.getOrElse(outputDir, () => "outputs").replace(/\/+$/, "")}/${name}${flat ? "_*" : "/"}`

/** As a shell would have to be told. */
const word = (text: string): string => /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

const command = (request: BatchRequest, { args }: PlannedItem): string => [request.script, ...args].map(word).join(" ")

/** Each once, though many items may have it. */
const distinct = ({ items, plan }: BatchPlan): ReadonlyArray<Found> => [
  ...new Map([...plan.travelling.files, ...items.flatMap(({ files }) => files)].map((file) => [file.here, file])).values()
]

const bytesOf = (files: ReadonlyArray<Found>): number => files.reduce((sum, file) => sum + file.size, 0)

export const duplicatesLine = (duplicates: ReadonlyArray<string>): string => {
  const more = duplicates.length - named
  const list = duplicates.slice(0, named).map(plain).join(", ")
  const text = `Given more than once, and run once: ${list}`
  return more > 0 ? `${text} and ${number(more)} more` : text
}

const itemRows = (plan: BatchPlan, request: BatchRequest, to: Landing) =>
  plan.items.slice(0, shown).map((item) => [
    command(request, item),
    item.files.length === 0 ? "" : size(bytesOf(item.files)),
    `→ ${landing(to, item)}`
  ])

export const batchPlanText = (batch: BatchPlan, request: BatchRequest, to: Landing): string => {
  const { parallel } = request.options
  const more = batch.items.length - shown
  const files = distinct(batch)
  const head = fields([
    ["Script", plain([request.script, ...request.args].join(" "))],
    ["Runtime", batch.plan.runtime.name],
    ["Installs", installs(batch.plan)],
    ["Items", number(batch.items.length)],
    ["Parallel", parallel === undefined ? null : String(parallel)],
    ["Env", names(request.env)],
    ["Secrets", names(request.secrets)]
  ])
  const lines = [
    ...section("Items", itemRows(batch, request, to)),
    ...(more > 0 ? [`  … and ${number(more)} more`] : []),
    ...(batch.duplicates.length > 0 ? ["", duplicatesLine(batch.duplicates)] : []),
    ...travelling(batch.plan),
    "",
    `${items(batch.items.length)}, ${count(files.length, "file")}, ${size(bytesOf(files))}. Nothing was sent.`
  ]
  return `${head}${lines.join("\n")}\n`
}

/** All items, in one document; of `planJson`, what travels for each of them. */
export const batchPlanJson = (batch: BatchPlan, request: BatchRequest, to: Landing) => {
  const files = distinct(batch)
  return {
    ...planJson(batch.plan, request),
    options: request.options,
    items: batch.items.map((item) => ({
      label: item.label,
      name: item.name,
      args: item.args,
      files: item.files.map(({ size, there }) => ({ path: there, bytes: size })),
      directories: item.directories,
      outputs: landing(to, item)
    })),
    duplicates: batch.duplicates,
    totals: { items: batch.items.length, files: files.length, bytes: bytesOf(files) }
  }
}
