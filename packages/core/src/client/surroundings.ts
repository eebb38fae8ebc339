/** What a script would notice of this machine and its terminal, as far as it travels. */
import { readlinkSync } from "node:fs"
import type { Surroundings } from "../domain/JobSpec.ts"

export interface Terminal {
  readonly columns: number
  readonly rows: number
}

type Environment = Readonly<Record<string, string | undefined>>

/** From the link, since asking `Intl` first costs 20 ms. */
export const systemTimeZone = (file = "/etc/localtime"): string => {
  try {
    const zone = /\/zoneinfo\/(?:posix\/)?(.+)$/.exec(readlinkSync(file))?.[1]
    if (zone !== undefined) return zone
  } catch {
    // A copy, not a link; or none, which is UTC; or a system without such files.
  }
  return Intl.DateTimeFormat().resolvedOptions().timeZone
}

/** A `TZ` that names a file, `:/etc/localtime`, tells nothing there: the system's own counts. UTC is what a slot has anyway. */
const timeZone = ({ TZ: told }: Environment, system: string): string | undefined => {
  if (told !== undefined && told !== "" && !/^:?\//.test(told)) return told.replace(/^:/, "")
  return ["UTC", "Etc/UTC", "GMT"].includes(system) || told === "" ? undefined : system
}

/** In the order the C library looks. */
const locale = (env: Environment): string | undefined =>
  [env["LC_ALL"], env["LC_CTYPE"], env["LANG"]].find((name) => name !== undefined && name !== "")

const size = (told: string | undefined, seen: number | undefined): number | undefined => {
  const columns = /^\d{1,5}$/.test(told ?? "") ? Number(told) : seen ?? 0
  return columns >= 1 && columns <= 65_535 ? columns : undefined
}

const isWord = (text: string | undefined): text is string =>
  text !== undefined && text !== "" && text.length <= 256 && !text.includes("\0")

/** `terminal`: the one that shows the output; without one a script learns no size, as here. */
export const ofCaller = (env: Environment, zone: string, terminal?: Terminal): Surroundings => {
  const [zoneName, localeName] = [timeZone(env, zone), locale(env)]
  const [columns, lines] = [size(env["COLUMNS"], terminal?.columns), size(env["LINES"], terminal?.rows)]
  return {
    ...(isWord(zoneName) ? { timeZone: zoneName } : {}),
    ...(isWord(localeName) ? { locale: localeName } : {}),
    ...(isWord(env["TERM"]) ? { terminal: env["TERM"] } : {}),
    ...(columns === undefined ? {} : { columns }),
    ...(lines === undefined ? {} : { lines })
  }
}
