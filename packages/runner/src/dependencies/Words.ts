/** What an installing program says: the newest line for who waits, the last ones for a failure, all for the log. */
import { open, type FileHandle } from "node:fs/promises"
import { lastLines } from "rgrid/domain/causes/lastLines"
import { LastBytes } from "../attempt/LastBytes.ts"

const mostLogged = 4 * 1024 * 1024

const mostShown = 512

/** What a terminal would draw with. */
// oxlint-disable-next-line no-control-regex
const controls = /\u001b\[[0-9;?]*[A-Za-z]|[\p{Cc}]/gu

/** What `npm` asks for is of interest while it waits, and not once it failed. */
const isChatter = (line: string): boolean => line.startsWith("npm http ")

/** User and password of an index, which belong to whoever runs the grid. */
const withoutPasswords = (line: string): string => line.replace(/\/\/[^/@\s]+@/g, "//")

const readable = (line: string): string => withoutPasswords(line.replace(controls, " ")).trimEnd()

export class Words {
  #newest = ""
  #rest = ""
  #logged = 0
  readonly #kept = new LastBytes(16 * 1024)
  readonly #decoder = new TextDecoder()
  readonly #log: FileHandle

  private constructor(log: FileHandle) {
    this.#log = log
  }

  static async open(path: string): Promise<Words> {
    return new Words(await open(path, "w", 0o600))
  }

  get newest(): string {
    return this.#newest.slice(0, mostShown)
  }

  get tail(): string {
    return lastLines(this.#kept.text())
  }

  async add(bytes: Uint8Array): Promise<void> {
    const lines = (this.#rest + this.#decoder.decode(bytes, { stream: true })).split(/\r?\n|\r/)
    this.#rest = (lines.pop() ?? "").slice(-mostShown)
    for (const line of lines) await this.#addLine(readable(line))
  }

  async close(): Promise<void> {
    if (this.#rest !== "") await this.#addLine(readable(this.#rest))
    this.#rest = ""
    await this.#log.close()
  }

  async #addLine(line: string): Promise<void> {
    if (line.trim() === "") return
    this.#newest = line.trim()
    const bytes = Buffer.from(`${line}\n`)
    if (!isChatter(line)) this.#kept.add(bytes)
    this.#logged += bytes.length
    if (this.#logged <= mostLogged) await this.#log.appendFile(bytes)
  }
}
