/** `npm run readme`: the tables of README.md, from action.yml. */
import * as Yaml from "effect/encoding/Yaml"
import { readFileSync, writeFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const here = (name) => fileURLToPath(new URL(name, import.meta.url))

const table = (head, rows) => [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n")

const code = (text) => `\`${text.replaceAll("|", "\\|")}\``

const inputRow = ([name, { default: standard, description, required }]) => [
  code(name),
  required === true ? `${description} **Required.**` : description,
  standard === undefined ? "" : code(String(standard))
]

export const tables = () => {
  const { inputs, outputs } = Yaml.parse(readFileSync(here("action.yml"), "utf8"))
  return {
    inputs: table(["input", "what it is", "default"], Object.entries(inputs).map(inputRow)),
    outputs: table(["output", "what it is"], Object.entries(outputs).map(([name, { description }]) => [code(name), description]))
  }
}

/** The text with its tables as they are now. */
export const withTables = (text) =>
  Object.entries(tables()).reduce(
    (all, [name, rows]) =>
      all.replace(new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- /${name} -->)`), (_, begin, end) => `${begin}${rows}\n${end}`),
    text
  )

if (process.argv[1] === here("readme.mjs")) writeFileSync(here("README.md"), withTables(readFileSync(here("README.md"), "utf8")))
