/** What the newest version's release says: its part of each package's changelog, each line once. */
import { existsSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const changelogs = ["core", "cli", "server", "runner", "action"].map((name) => fileURLToPath(new URL(`../../packages/${name}/CHANGELOG.md`, import.meta.url)))

/** Between its second-level heading and the next. */
const newest = (text) => text.split(/^## /m)[1]?.split("\n").slice(1).join("\n") ?? ""

/** A change may have several lines; those that only say which version of our own they need are left out. */
const changes = changelogs.filter((file) => existsSync(file))
  .flatMap((file) => newest(readFileSync(file, "utf8")).split(/^(?=- )|^###.*$/m))
  .map((change) => change.trim())
  .filter((change) => change.startsWith("- ") && !change.startsWith("- Updated dependencies"))

console.log([...new Set(changes)].join("\n") || "See the commits.")
