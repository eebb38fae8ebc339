/** A working directory: laid out before, and what is other in it afterwards. */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { Scenario } from "./Door.ts"

const isProgram = (text: string | Uint8Array): boolean => typeof text === "string" && text.startsWith("#!")

export const layOut = (place: string, { files }: Scenario): void => {
  for (const [path, content] of Object.entries(files)) {
    const whole = join(place, path)
    mkdirSync(path.endsWith("/") ? whole : dirname(whole), { recursive: true })
    if (!path.endsWith("/")) writeFileSync(whole, content, { mode: isProgram(content) ? 0o755 : 0o644 })
  }
}

/** Files with their bytes; empty directories, with a `/` behind them. */
export const snapshot = (place: string): ReadonlyMap<string, Buffer> => {
  const found = new Map<string, Buffer>()
  for (const name of readdirSync(place, { recursive: true }).map(String)) {
    const whole = join(place, name)
    if (statSync(whole).isFile()) found.set(name, readFileSync(whole))
    else if (readdirSync(whole).length === 0) found.set(`${name}/`, Buffer.alloc(0))
  }
  return found
}

export const changed = (
  before: ReadonlyMap<string, Buffer>,
  after: ReadonlyMap<string, Buffer>
): Readonly<Record<string, Buffer>> =>
  Object.fromEntries([...after].filter(([name, bytes]) => before.get(name)?.equals(bytes) !== true))
