/** A small, fixed part of `npm run fidelity`: scripts run here and on a grid leave the same. */
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { cases } from "./fidelity/cases.ts"
import { Session } from "./fidelity/session.ts"
import { reason } from "./fidelity/verdict.ts"

const names = ["subprocess tree", "multiprocessing fork", "multiprocessing spawn", "sockets to itself", "exit text",
  "exit oserror", "exit chained", "ended by SIGTERM", "ended by SIGSEGV", "syntax error", "all bytes", "much output",
  "stdin text", "stdin empty", "stdin left unread", "database", "archives", "modes", "in place", "empty directories",
  "flags --help", "flags --env A=1 --env B=2", "usage of argparse", "script with spaces in its name", "bash traps"]

let session: Session

beforeAll(async () => {
  session = await Session.open()
})
afterAll(() => session?.close())

describe("a script does on the grid what it does here", () => {
  it.each(names)("%s", async (name) => {
    const what = cases.find((one) => one.name === name)
    expect(what, "no such case").toBeDefined()
    const verdict = await session.compare(what!)
    expect(verdict.kind, reason(verdict)).toBe("same")
  })
})
