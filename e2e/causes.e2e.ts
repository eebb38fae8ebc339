/** A failure explains itself: on the terminal where it ran, and later wherever its id is known. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { TestGrid } from "./harness.ts"

let grid: TestGrid
let place: string

/** Nobody's, and below the ports that programs are given: nobody listens. */
const silent = "http://127.0.0.1:4"

const scripts = {
  "module.py": "import cv2\n",
  "file.py": "import sys\nprint(open('dta.csv').read())\n",
  "argument.py": "import sys\nopen(sys.argv[1])\n",
  "memory.py": "held = []\nwhile True:\n  held.append(b'x' * 10_000_000)\n",
  "slow.py": "import time\ntime.sleep(600)\n",
  "signal.py": "import os\nos.kill(os.getpid(), 11)\n",
  "network.py": "import socket\nsocket.create_connection(('db.example.com', 80), 5)\n",
  "secret.py": "import os\nraise ValueError(os.environ['TOKEN'])\n",
  "noise.py": "import os, sys\nsys.stderr.buffer.write(bytes(range(256)) * 500)\nsys.stderr.flush()\nos._exit(4)\n",
  "package.mjs": "import 'left-pad'\n",
  "command.sh": "echo x\nffmpeg-nope -i x\n",
  "code.py": "import sys\nsys.exit(3)\n",
  "data.csv": "1\n"
}

/** What a person at a terminal sees of RGrid itself, and the exit code. */
const seen = async (...args: ReadonlyArray<string>) => {
  const { code, stdout } = await grid.atTerminal(["run", ...args], [], { cwd: place })
  const text = stripVTControlCharacters(stdout.toString()).replaceAll("\r\n", "\n")
  const screen = text.slice(text.indexOf("✗ Execution failed"))
  const id = /exec_\w+/.exec(screen)![0]
  return { code, text, id, screen: screen.replaceAll(id, "ID").trim() }
}

const screen = (error: string, cause: string, fix: string): string =>
  [
    "✗ Execution failed: ID",
    `  Error: ${error}`,
    ...(cause === "" ? [] : [`  Cause: ${cause}`]),
    `  Fix:   ${fix}`,
    "  Logs:  rgrid logs ID"
  ].join("\n")

const text = async (...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr, stdout } = await grid.run(args)
  expect(code, stderr).toBe(0)
  return stdout.toString()
}

beforeAll(async () => {
  grid = new TestGrid()
  await grid.up("docker")
  place = grid.workplace()
  for (const [name, content] of Object.entries(scripts)) writeFileSync(join(place, name), content)
})
afterAll(() => grid.down())

describe("a grid that does not answer", () => {
  it("is tried five times more, each told, and at last what was tried", async () => {
    const env = { RGRID_URL: silent, RGRID_API_KEY: `rgrid_live_${"x".repeat(56)}`, RGRID_PROFILE: "" }
    const { code, stderr } = await grid.run(["run", "code.py"], { cwd: place, env })
    expect(code).toBe(125)
    const lines = stderr.split("\n")
    expect(lines.slice(0, 6)).toEqual([
      ...[1, 2, 3, 4, 5].map((number) => `Connection lost. Retrying… (${number}/5)`),
      "✗ Network error. Check connection and retry."
    ])
    expect(lines[6]).toMatch(/^ {2}Cause: No RGrid server answers at .*, tried 6 times: .*ECONNREFUSED/)
    expect(lines[6]).toContain(silent)
  })
})

describe("a failed run", () => {
  it("names the package of a missing module, there and later", async () => {
    const { code, id, screen: shown, text: all } = await seen("module.py")
    expect(code).toBe(1)
    const root = "ModuleNotFoundError: No module named 'cv2'"
    const fix = "Add opencv-python to requirements.txt beside the script, or use an image that has it: --runtime IMAGE; a file of your own: --include cv2.py"
    expect(shown).toBe(screen("The script exited with code 1.", root, fix))
    // Its own words once, ours once.
    expect(all.split(root).length - 1).toBe(2)
    const status = await text("status", id)
    expect(status).toContain(`Error:      The script exited with code 1.\nCause:      ${root}\nFix:        ${fix}\n`)
    expect(status).toMatch(/\nLast lines of stderr:\n {2}Traceback [^]*\n {2}ModuleNotFoundError: No module named 'cv2'\n$/)
    const why = await text("why", id)
    expect(why).toContain(`Why:        The script exited with code 1.\nCause:      ${root}\nFix:        ${fix}\n`)
    expect(why).toMatch(/\nLast lines of stderr:\n {2}Traceback /)
    expect((await grid.json(["status", id])).failure).toMatchObject({
      _tag: "ScriptExited",
      code: 1,
      cause: { _tag: "ModuleMissing", package: "opencv-python" },
      tail: expect.stringContaining(root)
    })
  })

  it("names the file that was probably meant", async () => {
    const { code, screen: shown } = await seen("file.py", "data.csv")
    expect(code).toBe(1)
    const root = "FileNotFoundError: [Errno 2] No such file or directory: 'dta.csv'"
    expect(shown).toBe(screen("The script exited with code 1.", root, "Did you mean data.csv?"))
  })

  it("names a file that is here and did not travel, for an argument that is none", async () => {
    const { screen: shown } = await seen("argument.py", "dta.csv")
    expect(shown).toContain("'dta.csv'\n  Fix:   Did you mean data.csv?")
  })

  it("tells the limit and the peak of what ran out of memory", async () => {
    const { code, screen: shown } = await seen("--memory", "64m", "memory.py")
    expect(code).toBe(137)
    expect(shown).toMatch(/ {2}Cause: The kernel stopped it: its limit was 64 MiB, it used 6[0-4] MiB\.\n/)
    expect(shown).toContain("Fix:   Give it more: --memory 128m")
  })

  it("tells the timeout that was over", async () => {
    const { code, screen: shown } = await seen("--timeout", "1", "slow.py")
    expect(code).toBe(124)
    expect(shown).toBe(
      screen("The script was stopped after 1 second.", "That was its timeout.", "Give it more: --timeout 2")
    )
  })

  it("names the signal", async () => {
    const { code, screen: shown } = await seen("signal.py")
    expect(code).toBe(139)
    expect(shown).toBe(screen("SIGSEGV ended the script.", "It touched memory that is not its own.", "See its output."))
  })

  it("says that it asked for no network", async () => {
    const { screen: shown } = await seen("--network", "none", "network.py")
    expect(shown).toContain("Fix:   The execution has no network: run it without --network none.")
  })

  it("settles whatever bytes were said, and shows them harmless", async () => {
    const { code, id } = await seen("noise.py")
    expect(code).toBe(4)
    const { failure } = await grid.json(["status", id])
    expect(failure).toMatchObject({ _tag: "ScriptExited", code: 4 })
    expect(Buffer.byteLength(failure.tail)).toBeLessThanOrEqual(2048)
    const shown = await text("status", id)
    expect(shown).toContain("\nLast lines of stderr:\n")
    for (const control of ["\0", "\u001b", "\u0007"]) expect(shown).not.toContain(control)
  })

  it("is recognised of Node and bash too", async () => {
    expect((await seen("package.mjs")).screen).toContain("Fix:   Add left-pad to package.json and its lock beside the script, or use an image")
    expect((await seen("command.sh")).screen).toContain("Fix:   Choose an image that has ffmpeg-nope: --runtime IMAGE")
  })

  it("keeps secrets out of cause and last lines", async () => {
    const { id, screen: shown } = await seen("--secret", "TOKEN=correct-horse-battery", "secret.py")
    expect(shown).toContain("Cause: ValueError: ***\n")
    expect(await text("status", id)).toMatch(/ {2}ValueError: \*\*\*\n$/)
    expect(JSON.stringify(await grid.json(["why", id]))).not.toContain("correct-horse")
  })

  it("says nothing of a script's own code where no terminal is", async () => {
    const { code, stderr } = await grid.run(["run", "code.py"], { cwd: place })
    expect([code, stderr]).toEqual([3, ""])
  })
})
