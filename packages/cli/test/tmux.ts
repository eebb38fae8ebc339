/** A real terminal for tests: a shell in tmux, looked at as a person would. */
import { execFileSync } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"

export const hasTmux = ((): boolean => {
  try {
    return execFileSync("tmux", ["-V"], { stdio: "pipe" }).length > 0
  } catch {
    return false
  }
})()

const pause = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

export class Tmux {
  /** A directory that goes with it. */
  readonly place = mkdtempSync(join(tmpdir(), "rgrid-tmux-"))

  constructor(columns: number, rows: number) {
    const size = ["-x", String(columns), "-y", String(rows)]
    const shell = ["env", "-u", "FORCE_COLOR", "LC_ALL=C.UTF-8", "PS1=> ", "bash", "--norc", "--noprofile"]
    this.#tmux("new-session", "-d", "-s", "test", ...size, ...shell)
  }

  #tmux(...args: ReadonlyArray<string>): string {
    const command = ["-u", "-S", join(this.place, "socket"), "-f", "/dev/null", ...args]
    return execFileSync("tmux", command, { encoding: "utf8" })
  }

  /** Names of keys as tmux has them: `l`, `Enter`, `C-c`. */
  press(...keys: ReadonlyArray<string>): void {
    this.#tmux("send-keys", "-t", "test", ...keys)
  }

  type(line: string): void {
    this.#tmux("send-keys", "-t", "test", "-l", line)
    this.press("Enter")
  }

  resize(columns: number, rows: number): void {
    this.#tmux("resize-window", "-t", "test", "-x", String(columns), "-y", String(rows))
  }

  /** What is on the screen; with `all` what was scrolled out of it too. */
  screen(all = false): string {
    return `${this.#tmux("capture-pane", "-p", "-t", "test", ...(all ? ["-S", "-"] : [])).trimEnd()}\n`
  }

  shellPid(): string {
    return this.#tmux("display-message", "-p", "-t", "test", "#{pane_pid}").trim()
  }

  async until(what: RegExp): Promise<string> {
    const end = Date.now() + 10_000
    for (;;) {
      const screen = this.screen()
      if (what.test(screen)) return screen
      if (Date.now() > end) throw new Error(`gave up waiting for ${String(what)} on\n${screen}`)
      await pause(50)
    }
  }

  close(): void {
    try {
      this.#tmux("kill-server")
    } catch {
      // It ends with its shell.
    }
    rmSync(this.place, { recursive: true, force: true })
  }
}
