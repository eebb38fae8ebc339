import { readFileSync, writeFileSync } from "node:fs"
import { value } from "./esm_helper.mjs"
import data from "./data.json" with { type: "json" }
const later = await import("./esm_helper.mjs")
console.log(value, data.answer, later.value === value, import.meta.url, process.argv.slice(2))
writeFileSync("made.txt", String(readFileSync(new URL("./data.json", import.meta.url)).length))
