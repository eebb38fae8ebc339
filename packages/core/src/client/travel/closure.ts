/** From the sources that travel to the files they need, and from those on, until nothing new is found. */
import { readFile } from "node:fs/promises"
import { dirname, isAbsolute, resolve } from "node:path"
import { makeDisk } from "./disk.ts"
import { Gathering } from "./Gathering.ts"
import { Guesses } from "./guesses.ts"
import { type Language, languageOf } from "./Language.ts"
import { Literals } from "./literals.ts"
import { placeThere } from "./place.ts"
import { regionsOf } from "./project.ts"
import { rulesFor } from "./rules.ts"
import type { Found } from "./Travelling.ts"

/** A larger file is data, whatever its ending. */
export const maxSourceBytes = 4 * 1024 * 1024
const maxScanned = { files: 1_000, bytes: 32 * 1024 * 1024 }

interface Import {
  readonly name: string
  readonly source: Found
  readonly language: Language
}

export class Closure {
  readonly gathering: Gathering
  private readonly disk = makeDisk()
  private readonly guesses: Guesses
  private readonly literals: Literals
  private readonly cwd: string
  private readonly script: string
  private readonly roots: Array<string>
  /** Not found yet: a later search directory may have them. */
  private missing: Array<Import> = []
  private readonly queue: Array<Found> = []
  private scanned = { files: 0, bytes: 0 }

  constructor(cwd: string, script: string) {
    this.cwd = cwd
    this.script = script
    this.roots = [dirname(script)]
    this.gathering = new Gathering(cwd)
    let regions: ReadonlyArray<string> | undefined
    const rules = rulesFor(() => regions ??= regionsOf(cwd, dirname(script)), [cwd, dirname(script)])
    this.guesses = new Guesses(this.gathering, rules, (file) => this.queue.push(file))
    this.literals = new Literals(this.guesses, this.disk, cwd)
  }

  /** What was named always travels. */
  name(file: Found): void {
    if (this.gathering.add(file)) this.queue.push(file)
  }

  async follow(): Promise<void> {
    for (let file = this.queue.shift(); file !== undefined; file = this.queue.shift()) await this.scan(file)
  }

  private async scan(file: Found): Promise<void> {
    const { bytes, files } = this.scanned
    if (file.size > maxSourceBytes || files >= maxScanned.files || bytes + file.size > maxScanned.bytes) return
    const isProgram = file.here === this.script || ((file.mode & 0o111) !== 0 && file.size > 0)
    const ending = languageOf(file.here, "")
    if (ending === undefined && !isProgram) return
    const content = file.bytes ?? await readFile(file.here).catch(() => null)
    if (content === null) return
    this.gathering.keep(file, content)
    this.scanned = { files: files + 1, bytes: bytes + content.length }
    const text = Buffer.from(content.buffer, content.byteOffset, content.length).toString("utf8")
    const load = ending ?? languageOf(file.here, text.slice(0, 256).split("\n", 1)[0]!)
    if (load !== undefined) await this.read(file, await load(), text)
  }

  private async read(source: Found, language: Language, text: string): Promise<void> {
    const { imports, paths, roots } = language.read({ text, file: source.here, cwd: this.cwd })
    for (const path of language.companions(source.here, this.disk)) {
      await this.guesses.file(path, { _tag: "Import", name: "package.json", from: source.there })
    }
    await this.search(roots)
    for (const name of imports) await this.import({ name, source, language })
    const beside = [dirname(this.script), dirname(source.here)]
    for (const path of paths) {
      await this.literals.take(path, beside, { _tag: "Literal", text: this.shown(path), from: source.there })
    }
  }

  /** A new search directory serves the sources that were read before it, too. */
  private async search(roots: ReadonlyArray<string>): Promise<void> {
    const fresh = roots.map((root) => resolve(this.cwd, root)).filter((root) => !this.roots.includes(root))
    if (fresh.length === 0) return
    this.roots.push(...fresh)
    const missing = this.missing
    this.missing = []
    for (const one of missing) await this.import(one)
  }

  private async import(wanted: Import): Promise<void> {
    const { language, name, source } = wanted
    const files = language.resolve(name, { file: source.here, cwd: this.cwd, roots: this.roots, disk: this.disk })
    if (files.length === 0) this.missing.push(wanted)
    for (const file of files) await this.guesses.file(file, { _tag: "Import", name: this.shown(name), from: source.there })
  }

  /** A computed path is absolute, which nobody wrote. */
  private shown(text: string): string {
    return isAbsolute(text) ? placeThere(this.cwd, text) : text
  }
}
