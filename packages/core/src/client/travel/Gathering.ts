/** Files, directories and what stays here, as they are found; each once, for the first reason. */
import { placeThere } from "./place.ts"
import type { Found, LeftOut, Reason, Staying, Travelling } from "./Travelling.ts"

/** Of what is guessed; nobody waits for more than he named. */
const maxGuessed = { files: 2_000, bytes: 200 * 1024 * 1024 }

export class Gathering {
  readonly cwd: string
  private readonly files = new Map<string, Found>()
  private readonly directories = new Set<string>()
  private readonly left = new Map<string, LeftOut>()
  private guessed = { files: 0, bytes: 0 }

  constructor(cwd: string) {
    this.cwd = cwd
  }

  has(here: string): boolean {
    return this.files.has(here)
  }

  /** Whether it is new. */
  add(file: Found): boolean {
    if (this.files.has(file.here)) return false
    this.files.set(file.here, file)
    this.left.delete(placeThere(this.cwd, file.here))
    return true
  }

  /** As `add`, unless there are too many already. */
  guess(file: Found): boolean {
    const { bytes, files } = this.guessed
    if (files >= maxGuessed.files || bytes + file.size > maxGuessed.bytes) {
      this.leave(file.here, "many", file.reason)
      return false
    }
    this.guessed = { files: files + 1, bytes: bytes + file.size }
    return this.add(file)
  }

  /** What was read of a file need not be read again to hash it. */
  keep(file: Found, bytes: Uint8Array): void {
    this.files.set(file.here, { ...file, size: bytes.length, bytes })
  }

  addDirectory(here: string): void {
    const there = placeThere(this.cwd, here)
    if (there !== "") this.directories.add(there)
  }

  leave(here: string, why: Staying, reason: Reason): void {
    const path = placeThere(this.cwd, here)
    if (!this.files.has(here) && !this.left.has(path)) this.left.set(path, { path, why, reason })
  }

  result(): Travelling {
    return {
      files: [...this.files.values()],
      directories: [...this.directories],
      leftOut: [...this.left.values()]
    }
  }
}
