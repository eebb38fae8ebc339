/** What interpreters really say: scripts are run here, and their stderr is what is recognised. */
import { spawnSync } from "node:child_process"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { recognise } from "../../../src/domain/causes/recognise.ts"
import type { Circumstances } from "../../../src/domain/causes/words.ts"

export interface Said {
  readonly stderr: string
  readonly exitCode: number | null
  readonly signal: number | null
}

const signals: Readonly<Record<string, number>> = { SIGABRT: 6, SIGSEGV: 11 }

const programs: Readonly<Record<string, string>> = { py: "python3", js: process.execPath, mjs: process.execPath, sh: "bash" }

/** Runs `text` as a script of that name, which is also among the files it finds. */
export const said = (name: string, text: string, options: ReadonlyArray<string> = []): Said => {
  const cwd = mkdtempSync(join(tmpdir(), "rgrid-said-"))
  try {
    writeFileSync(join(cwd, name), text)
    const program = programs[name.slice(name.lastIndexOf(".") + 1)]!
    const env = { ...process.env, LC_ALL: "C.UTF-8", NODE_OPTIONS: "", NO_COLOR: "1" }
    const { signal, status, stderr } = spawnSync(program, [...options, name], { cwd, env, encoding: "utf8" })
    return { stderr, exitCode: status, signal: signal === null ? null : signals[signal] ?? 0 }
  } finally {
    rmSync(cwd, { recursive: true, force: true })
  }
}

export const about: Circumstances = {
  exitCode: 1,
  signal: null,
  runtime: "python:3.11",
  script: "a.py",
  files: ["a.py", "data.csv", "in/table.json", "helper.py", "lib/util.mjs"],
  network: "open",
  memoryBytes: undefined
}

export const causeOf = ({ exitCode, signal, stderr }: Said, over: Partial<Circumstances> = {}) =>
  recognise(stderr, { ...about, exitCode, signal, ...over })
