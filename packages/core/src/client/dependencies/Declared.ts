/** One declaration as it is read: the files it brings, and what of it is left out. */
import * as Effect from "effect/Effect"
import { readdirSync, readFileSync, statSync } from "node:fs"
import { basename, dirname } from "node:path"
import { nearest } from "../../domain/nearest.ts"
import { RequirementsMissing, RequirementsRefused } from "../errors.ts"
import type { Disk } from "../travel/Language.ts"
import { isKept, isWithin, placeThere, real } from "../travel/place.ts"
import type { Installing, InstallFile, NotInstalled, Remark, Wanted } from "./Installing.ts"
import { secretLine } from "./secrets.ts"

/** Where declarations are read. */
export interface Place {
  readonly cwd: string
  readonly disk: Disk
  /** What a declaration leads to is sent from these only. */
  readonly regions: ReadonlyArray<string>
}

const maxTextBytes = 32 * 1024 * 1024

/** Windows' shells write UTF-16, which pip reads and uv does not: what is sent is UTF-8. */
const decoded = (bytes: Buffer): string => {
  const [first, second] = bytes
  const encoding = first === 0xff && second === 0xfe ? "utf-16le" : first === 0xfe && second === 0xff ? "utf-16be" : "utf-8"
  return new TextDecoder(encoding).decode(bytes)
}

export class Declared {
  readonly place: Place
  /** As a person knows it. */
  readonly name: string
  readonly remarks: Array<Remark> = []
  private readonly texts = new Map<string, string>()
  /** Paths of the installing's own, and where each is here. */
  private readonly archives = new Map<string, string>()

  constructor(place: Place, here: string) {
    this.place = place
    this.name = placeThere(place.cwd, here)
  }

  shown(here: string): string {
    return placeThere(this.place.cwd, here)
  }

  remark(what: string, why: NotInstalled): void {
    if (!this.remarks.some((one) => one.what === what)) this.remarks.push({ what, why, from: this.name })
  }

  refuse(here: string, reason: RequirementsRefused["reason"], detail: string, line: number | null = null) {
    return new RequirementsRefused({ path: this.shown(here), line, reason, detail })
  }

  missing(here: string, from: string | null) {
    let siblings: Array<string> = []
    try {
      siblings = readdirSync(dirname(here))
    } catch { /* Without its directory nothing is near. */ }
    return new RequirementsMissing({ path: this.shown(here), from, nearest: nearest(basename(here), siblings) })
  }

  /** A declaration comes with somebody's repository: it does not decide what else of this machine is sent. */
  private allowed(here: string): Effect.Effect<void, RequirementsRefused> {
    const place = real(here)
    if (isKept(here) || isKept(place)) return Effect.fail(this.refuse(here, "keys", this.name))
    if (this.place.regions.some((region) => isWithin(real(region), place))) return Effect.void
    return Effect.fail(this.refuse(here, "outside", this.name))
  }

  /** A file's text; null when there is none. */
  readonly read = Effect.fnUntraced({ self: this }, function*(here: string, isLock = false) {
    if (this.place.disk.kind(here) !== "file") return null
    yield* this.allowed(here)
    if (statSync(here).size > maxTextBytes) return yield* this.refuse(here, "large", "")
    const text = yield* Effect.try({
      try: () => decoded(readFileSync(here)),
      catch: (cause) => this.refuse(here, "unreadable", (cause as Error).message)
    })
    const secret = secretLine(text, isLock)
    if (secret !== null) return yield* this.refuse(here, "secret", secret.kind, secret.line)
    return text
  })

  /** As sent. */
  text(path: string, text: string): void {
    this.texts.set(path, text)
  }

  /** Where the installing finds an archive that is here. */
  readonly archive = Effect.fnUntraced({ self: this }, function*(here: string, directory = "wheels") {
    const known = [...this.archives].find(([path, one]) => one === here && path.startsWith(`${directory}/`))
    if (known !== undefined) return known[0]
    yield* this.allowed(here)
    const at = (n: number): string => `${directory}/${n === 1 ? "" : `${n}/`}${basename(here)}`
    let n = 1
    while (this.archives.has(at(n))) n++
    this.archives.set(at(n), here)
    return at(n)
  })

  /** `packages` 0: nothing is installed. */
  result(wanted: Omit<Wanted, "declared" | "files">): Installing {
    const files: ReadonlyArray<InstallFile> = [
      ...[...this.texts].map(([path, text]) => ({ path, text })),
      ...[...this.archives].map(([path, here]) => ({ path, here }))
    ]
    return { wanted: wanted.packages === 0 ? null : { ...wanted, declared: this.name, files }, remarks: this.remarks }
  }
}
