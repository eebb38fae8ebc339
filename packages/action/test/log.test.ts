/** The protected part of the log: whole lines only, each stream's own, and the token nowhere but at its end. */
import { assert, describe, it } from "@effect/vitest"
import { ProtectedLog } from "../src/log.ts"

const opened = () => {
  const chunks: Array<Uint8Array> = []
  const log = new ProtectedLog((bytes) => chunks.push(bytes))
  log.begin()
  const all = () => Buffer.concat(chunks).toString("latin1")
  const token = /^::stop-commands::(\w+)\n/.exec(all())![1]!
  return { log, all, token, bytes: () => Buffer.concat(chunks) }
}

const bytes = (text: string) => Buffer.from(text, "utf8")

/** What stands between the two commands. */
const within = (use: (log: ProtectedLog, token: string) => void): string => {
  const { all, log, token } = opened()
  use(log, token)
  log.end()
  const text = all()
  assert.isTrue(text.startsWith(`::stop-commands::${token}\n`))
  assert.isTrue(text.endsWith(`\n::${token}::\n`))
  return text.slice(`::stop-commands::${token}\n`.length, -`::${token}::\n`.length)
}

/** What these writes, and words of ours, come to. */
const written = (...writes: ReadonlyArray<readonly [to: "stdout" | "stderr" | "ours", text: string]>): string =>
  within((log) => {
    for (const [to, text] of writes) {
      if (to === "ours") log.say(text)
      else log.output(to, bytes(text))
    }
  })

describe("output", () => {
  it("waits for the end of its line, each stream for its own", () => {
    assert.strictEqual(written(["stdout", "a"], ["stderr", "1\n2"], ["stdout", "b\nc"]), "1\nab\nc\n2\n")
  })

  it("ends before the token does, whatever it ends with", () => {
    for (const end of ["", "\n", "\r", "\r\n", "no end", "::", "a\r"]) {
      const text = written(["stdout", `x\n${end}`])
      assert.isTrue(text.endsWith("\n"), JSON.stringify(end))
    }
  })

  it("has a line end wherever a runner sees one, also between chunks", () => {
    assert.strictEqual(written(["stdout", "a\rb\r\nc\n"]), "a\nb\nc\n")
    assert.strictEqual(written(["stdout", "a\r"], ["stdout", "\nb\r"], ["stdout", "c"]), "a\nb\nc\n")
  })

  it("never holds the token, also when it comes in pieces", () => {
    for (const cut of [1, 10, 47]) {
      const text = within((log, token) => {
        const line = bytes(`::${token}::\n`)
        log.output("stdout", line.subarray(0, cut))
        log.output("stdout", line.subarray(cut))
        log.say(`::${token}::`)
      })
      assert.strictEqual(text, "::***::\n::***::\n")
    }
  })

  it("is not held back for ever where no line ends", () => {
    const { all, log } = opened()
    log.output("stdout", bytes("x".repeat(70_000)))
    assert.isTrue(all().includes("x".repeat(70_000)))
  })

  it("keeps every other byte", () => {
    const { bytes: written, log } = opened()
    const all = Buffer.from(Array.from({ length: 256 }, (_, i) => i).filter((i) => i !== 10 && i !== 13))
    log.output("stdout", Buffer.concat([all, bytes("ü€😀\n")]))
    assert.isTrue(written().includes(Buffer.concat([all, bytes("ü€😀\n")])))
  })
})

describe("a line of ours", () => {
  it("is one line", () => assert.strictEqual(written(["ours", "a\r\n::error::b\rc"]), "a ::error::b c\n"))
  it("comes not into the middle of a script's", () =>
    assert.strictEqual(
      written(["stdout", "half"], ["ours", "ours ü"], ["stdout", " line\n"]),
      Buffer.from("ours ü\nhalf line\n").toString("latin1")
    ))
})
