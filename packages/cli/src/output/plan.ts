/** What `rgrid run --dry-run` shows. Of variables only the names: their values may be secrets. */
import type { Plan, RunRequest } from "rgrid/client/prepare"
import type { NotInstalled, Wanted } from "rgrid/client/dependencies/Installing"
import type { Reason, Staying } from "rgrid/client/travel/Travelling"
import { count, plain, size } from "./format.ts"
import { fields } from "./table.ts"

const because = (reason: Reason): string => {
  switch (reason._tag) {
    case "Script":
      return "the script"
    case "Argument":
      return `argument ${reason.argument}`
    case "Include":
      return `--include ${reason.pattern}`
    case "Import":
      return `import of ${reason.name} in ${reason.from}`
    case "Literal":
      return `${JSON.stringify(reason.text)} in ${reason.from}`
  }
}

const staying: Record<Staying, string> = {
  outside: "outside the project",
  hidden: "hidden",
  ignored: "ignored by .gitignore or .rgridignore",
  large: "larger than 10 MiB",
  key: "may hold keys",
  special: "no regular file",
  unreadable: "can't be read",
  many: "too much to send unasked",
  system: "the machine it runs on has its own"
}

const notInstalled: Record<NotInstalled, string> = {
  local: "your own: travels as what is imported; what it needs is installed",
  localUnread: "your own: travels as what is imported; what it needs can't be told",
  noLock: "has no lock beside it, so nothing is installed",
  otherLock: "a lock that RGrid can't install from",
  settings: "may hold tokens; the grid has its own settings",
  unread: "can't be told without running code; write a requirements.txt or uv.lock"
}

export const installs = ({ installing: { wanted } }: Plan): string | null =>
  wanted === null ? null : plain(`${wanted.declared} (${count(wanted.packages, "package")})`)

const total = (plan: Plan): number => plan.travelling.files.reduce((sum, file) => sum + file.size, 0)

const columns = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> => {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]!.length))) ?? []
  return rows.map((row) => `  ${row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()}`)
}

export const section = (title: string, rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<string> =>
  rows.length === 0 ? [] : ["", title, ...columns(rows.map((row) => row.map(plain)))]

const hint = (plan: Plan): ReadonlyArray<string> =>
  plan.travelling.leftOut.length === 0 ? [] : ["", "What is left out travels when it is named: --include PATH."]

export const names = (variables: Readonly<Record<string, string>>): string | null =>
  Object.keys(variables).length === 0 ? null : Object.keys(variables).join(", ")

/** What goes and what stays, section by section. */
export const travelling = (plan: Plan): ReadonlyArray<string> => {
  const { directories, files, leftOut } = plan.travelling
  return [
    ...section("Not installed", plan.installing.remarks.map((one) => [one.what, notInstalled[one.why]])),
    ...section("Files", files.map((file) => [file.there, size(file.size), because(file.reason)])),
    ...section("Directories", directories.map((path) => [path])),
    ...section("Left out", leftOut.map((one) => [one.path, staying[one.why], because(one.reason)])),
    ...hint(plan)
  ]
}

export const planText = (plan: Plan, request: RunRequest): string => {
  const { files } = plan.travelling
  const head = fields([
    ["Script", plain([request.script, ...request.args].join(" "))],
    ["Runtime", plan.runtime.name],
    ["Installs", installs(plan)],
    ["Env", names(request.env)],
    ["Secrets", names(request.secrets)]
  ])
  const lines = [
    ...travelling(plan),
    "",
    `${count(files.length, "file")}, ${size(total(plan))}. Nothing was sent.`
  ]
  return `${head}${lines.join("\n")}\n`
}

const installsJson = ({ declared, files, kind, packages, root }: Wanted) => ({
  declared,
  kind,
  packages,
  files: files.map(({ path }) => path),
  ...(root === undefined ? {} : { root })
})

/** The same, as one document. */
export const planJson = (plan: Plan, request: RunRequest) => ({
  script: request.script,
  args: request.args,
  cwd: request.cwd,
  runtime: plan.runtime.name,
  env: Object.keys(request.env),
  secrets: Object.keys(request.secrets),
  files: plan.travelling.files.map(({ mode, reason, size, there }) => ({
    path: there,
    bytes: size,
    mode,
    reason: because(reason)
  })),
  directories: plan.travelling.directories,
  ...(plan.installing.wanted === null ? {} : { installs: installsJson(plan.installing.wanted) }),
  notInstalled: plan.installing.remarks.map(({ from, what, why }) => ({ what, why: notInstalled[why], from })),
  leftOut: plan.travelling.leftOut.map(({ path, reason, why }) => ({ path, why: staying[why], reason: because(reason) })),
  totals: { files: plan.travelling.files.length, bytes: total(plan) }
})
