/** The live view of a batch in a real terminal. The batch is played by batchDemo.ts, in which time stands still. */
import { execFileSync } from "node:child_process"
import { join } from "node:path"
import { afterEach, describe, expect, it } from "vitest"
import { hasTmux, Tmux } from "./tmux.ts"

const demo = join(import.meta.dirname, "batchDemo.ts")
let shells: Array<Tmux> = []

afterEach(() => {
  for (const shell of shells) shell.close()
  shells = []
})

/** A shell in which the demo was started, once all of it is on the screen. It tells afterwards what became of it. */
const watching = async (columns: number, rows: number, scenario = "still"): Promise<Tmux> => {
  const shell = new Tmux(columns, rows)
  shells.push(shell)
  await shell.until(/^>/)
  const before = join(shell.place, "stty")
  shell.type(`run() { '${process.execPath}' --conditions=rgrid-src '${demo}' ${scenario}; echo "ended with $?"; }`)
  shell.type(`told() { stty -g | cmp - '${before}' && echo terminal unchanged; }`)
  shell.type(`stty -g > '${before}'; clear; run; told`)
  await shell.until(/45\/100/)
  return shell
}

/** How the program ended, and that the terminal is as it was before. */
const ending = async (shell: Tmux): Promise<string | undefined> => {
  const screen = await shell.until(/terminal unchanged/)
  return /ended with (\d+)/.exec(screen)?.[1]
}

const pidOfDemo = (shell: Tmux): number =>
  Number(execFileSync("pgrep", ["-P", shell.shellPid(), "-f", demo], { encoding: "utf8" }).trim())

describe.skipIf(!hasTmux)("a batch on a terminal", () => {
  for (const [columns, rows] of [[80, 24], [40, 10], [200, 50], [20, 6]] as const) {
    it(`is as on record at ${columns}x${rows}`, async () => {
      const shell = await watching(columns, rows)
      await expect(shell.screen()).toMatchFileSnapshot(`screens/tmux-${columns}x${rows}.txt`)
    })
  }

  it("stays in the scrollback when somebody detaches, and the terminal is as before", async () => {
    const shell = await watching(80, 24)
    shell.press("q")
    expect(await ending(shell)).toBe("0")
    const all = shell.screen(true)
    expect(all).toContain("45/100 complete (3 failed, 10 running, 42 queued)")
    expect(all).toContain("✗ data_044.csv: timeout after 5m")
    expect(all).toMatch(/\nleft\n/)
    expect(all).not.toContain("q detach")
  })

  it("shows the log of an item by its number, follows it and goes back", async () => {
    const shell = await watching(80, 24)
    shell.press("l")
    await expect(await shell.until(/Number or id/)).toMatchFileSnapshot("screens/tmux-choosing.txt")
    shell.press("4", "7")
    await shell.until(/back\): 47$/m)
    shell.press("BSpace", "7", "Enter")
    expect(await shell.until(/more: 1/)).toMatch(/^Log of data_047\.csv · running 10s\nreading\n20 %\n/)
    await shell.until(/more: 3/)
    shell.press("b")
    expect(await shell.until(/45\/100/)).not.toContain("Log of")
  })

  it("finds the log of an item that ended long ago, and says when there is none of that number", async () => {
    const shell = await watching(80, 24)
    shell.press("l", "7", "Enter")
    expect(await shell.until(/Log of/)).toContain("Log of data_007.csv · completed 12s\nlog of another\nred\n")
    shell.press("l", "9", "9", "Enter")
    await shell.until(/No item 99 is known here\./)
    shell.press("Escape")
    await shell.until(/45\/100/)
  })

  it("retries what failed, once", async () => {
    const shell = await watching(80, 24)
    shell.press("r")
    await shell.until(/Retry started/)
    expect(shell.screen()).toContain("Retry started: batch_retried_1 (3 items)")
    shell.press("r")
    expect(await shell.until(/They were retried/)).toContain("as batch_retried_1")
  })

  it("cancels all after a yes, and nothing after anything else", async () => {
    const shell = await watching(80, 24)
    shell.press("c")
    await shell.until(/Cancel all 52 that have not ended\? y\/n/)
    shell.press("n")
    expect(await shell.until(/q detach/)).not.toContain("Canceled")
    shell.press("c", "y")
    expect(await shell.until(/Canceled: what runs is being ended\./)).not.toContain("y/n")
  })

  it("fits whatever size the terminal gets, and leaves nothing of the old one", async () => {
    const shell = await watching(80, 24)
    const before = shell.screen()
    shell.resize(40, 10)
    await shell.until(/l logs {2}r retry/)
    shell.resize(30, 24)
    await shell.until(/l r c q/)
    shell.resize(80, 24)
    await shell.until(/q detach/)
    expect(shell.screen()).toBe(before)
  })

  it("keeps above itself what is said", async () => {
    const shell = await watching(80, 24, "still say")
    shell.resize(80, 40)
    await shell.until(/^✗ something that stays\n\[=/)
    shell.press("q")
    await ending(shell)
    expect(shell.screen()).toMatch(/^✗ something that stays\n\[=/)
  })

  it("is left by Ctrl+C as a program without keys is", async () => {
    const shell = await watching(80, 24)
    shell.press("C-c")
    expect(await ending(shell)).toBe("130")
    expect(shell.screen()).toMatch(/\ninterrupted\n/)
  })

  it("stops by Ctrl+Z with the terminal as it was, and goes on in the foreground", async () => {
    const shell = await watching(80, 40)
    shell.press("C-z")
    await shell.until(/Stopped[^]*terminal unchanged/)
    shell.type("clear; fg > /dev/null")
    await shell.until(/^\[=+>? +\] 45\/100[^]*q detach$/m)
    shell.press("l")
    await shell.until(/Number or id/)
    shell.press("q")
    await shell.until(/^left$/m)
    shell.type("clear; told")
    expect(await shell.until(/unchanged|differ/)).toContain("terminal unchanged")
  })

  it("goes on at Ctrl+Z where there is no shell to go back to", async () => {
    const shell = new Tmux(80, 60)
    shells.push(shell)
    await shell.until(/^>/)
    shell.type(`clear; exec '${process.execPath}' --conditions=rgrid-src '${demo}' still`)
    await shell.until(/45\/100/)
    shell.press("C-z")
    // The one that was left, and the one that goes on.
    await shell.until(/45\/100[^]*45\/100/)
    shell.press("l")
    expect(await shell.until(/Number or id/)).toContain("data_044.csv")
  })

  it("gives the terminal back when it is told to end, and when it crashes", async () => {
    const shell = await watching(80, 24)
    process.kill(pidOfDemo(shell), "SIGTERM")
    expect(await ending(shell)).toBe("130")
    const crashing = await watching(80, 24, "crash")
    expect(await ending(crashing)).toBe("1")
  })

  it("is one line for somebody who did not ask for more, and is gone at the end", async () => {
    const shell = await watching(120, 24, "line")
    expect(shell.screen()).toBe(
      "[=========>            ] 45/100 complete (3 failed, 10 running, 42 queued) · 2m 30s · ETA: 2m 30s · €0.90\n"
    )
    shell.press("C-c")
    expect(await ending(shell)).toBe("130")
    expect(shell.screen()).not.toContain("45/100")
  })
})
