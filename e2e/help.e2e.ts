/** What a person gets who asks, mistypes, or presses Tab. No grid is needed for any of it. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { afterAll, describe, expect, it } from "vitest"
import { has, local, scripts, TestGrid } from "./harness.ts"

const grid = new TestGrid()
afterAll(() => grid.down())

/** Every command, as the help of those above it lists them. */
const commands = async (path: ReadonlyArray<string> = []): Promise<ReadonlyArray<ReadonlyArray<string>>> => {
  const { stdout } = await grid.run([...path, "--help"])
  const [, listed = ""] = stdout.toString().split("SUBCOMMANDS\n")
  const names = [...listed.split("EXAMPLES")[0]!.matchAll(/^ {2}([a-z-]+) /gm)]
  const below = await Promise.all(names.map(([, name]) => commands([...path, name!])))
  return [path, ...below.flat()]
}

describe("the help", () => {
  it("lists the commands", async () => {
    const { code, stdout } = await grid.run(["--help"])
    expect(code).toBe(0)
    await expect(stdout.toString()).toMatchFileSnapshot("golden/help.txt")
  })

  it("of each command has examples, and each command refuses a flag it does not know", async () => {
    const all = await commands()
    expect(all.length).toBeGreaterThan(15)
    for (const path of all) {
      const [help, wrong] = await Promise.all([grid.run([...path, "--help"]), grid.run([...path, "--no-such-flag"])])
      expect(help.code, path.join(" ")).toBe(0)
      for (const part of ["DESCRIPTION", "USAGE", "EXAMPLES"]) expect(help.stdout.toString(), path.join(" ")).toContain(part)
      expect(wrong.code, path.join(" ")).toBe(2)
      expect(wrong.stdout.toString()).toBe("")
      expect(wrong.stderr, path.join(" ")).toMatch(/^✗ .*--no-such-flag.*\n {2}Fix: .*\n$/)
    }
  })
})

describe("wrong input", () => {
  for (
    const [words, said] of [
      ["lst", "Did you mean list?"],
      ["keys creat", "Did you mean create?"],
      ["run --timout 5m x.py", "Did you mean --timeout?"],
      ["list --limt 3", "Did you mean --limit?"],
      ["list --limit x", "Give a number."],
      ["list --limit 0", "from 1 to 1000"],
      ["run --network slow x.py", "Give open or none."],
      ["run --memory lots x.py", "512m"],
      ["run", "script"],
      ["run --profile", "--profile lacks its value."],
      ["status a b", "\"b\""],
      ["server --port 99999", "0 to 65535"],
      ["init --server ftp://x", "https://"],
      ["completions basch", "bash, zsh or fish"]
    ] as const
  ) {
    it(`rgrid ${words}: one message, and 2`, async () => {
      const { code, stderr } = await grid.run(words.split(" "))
      expect(code, stderr).toBe(2)
      expect(stderr.match(/✗/g)).toHaveLength(1)
      expect(stderr).toContain(said)
    })
  }
})

describe("colours", () => {
  const wrong = ["run", "missing.py"]
  it("are for terminals, NO_COLOR and FORCE_COLOR permitting", async () => {
    expect((await grid.run(wrong)).stderr).not.toContain("\u001b[")
    expect((await grid.run(wrong, { env: { FORCE_COLOR: "1" } })).stderr).toContain("\u001b[31m✗")
    expect((await grid.atTerminal(wrong, [])).stdout.toString()).toContain("\u001b[31m✗")
    expect((await grid.atTerminal(wrong, [], { env: { NO_COLOR: "1" } })).stdout.toString()).not.toContain("\u001b[")
  })
})

describe("completions", () => {
  const complete = async (shell: string, ask: string) => {
    const { code, stdout } = await grid.run(["completions", shell])
    expect(code).toBe(0)
    const place = grid.workplace(join(scripts, "numbered.py"))
    const file = join(place, "completions")
    writeFileSync(file, stdout)
    mkdirSync(join(place, "home"))
    const got = await local(shell, shell === "zsh" ? ["-f", "-c", ask] : ["-c", ask], place, {
      PATH: process.env["PATH"],
      HOME: join(place, "home"),
      COMPLETIONS: file
    })
    expect(got.stderr).toBe("")
    expect(existsSync(file)).toBe(true)
    return got.stdout.toString()
  }
  const bash = (line: string) =>
    complete(
      "bash",
      `source "$COMPLETIONS"; COMP_LINE='${line}'; COMP_WORDS=(\${COMP_LINE}); case "$COMP_LINE" in *' ') COMP_WORDS+=('');; esac
       COMP_CWORD=$((\${#COMP_WORDS[@]} - 1)); COMP_POINT=\${#COMP_LINE}
       _rgrid rgrid "\${COMP_WORDS[COMP_CWORD]}"; printf '%s\\n' "\${COMPREPLY[@]}"`
    )

  it("of bash know commands, flags, values and files", async () => {
    expect((await bash("rgrid ")).split("\n")).toEqual(expect.arrayContaining(["run", "keys", "init"]))
    expect(await bash("rgrid keys cr")).toBe("create\n")
    expect(await bash("rgrid run --tim")).toBe("--timeout\n")
    expect(await bash("rgrid list --prof")).toBe("--profile\n")
    expect(await bash("rgrid run --network ")).toBe("open\nnone\n")
    expect(await bash("rgrid run num")).toBe("numbered.py\n")
  })

  it.runIf(has("fish"))("of fish do so too", async () => {
    const fish = (line: string) => complete("fish", `source $COMPLETIONS; complete -C'${line}'`)
    expect(await fish("rgrid keys cr")).toMatch(/^create\t/)
    expect(await fish("rgrid run --tim")).toMatch(/^--timeout\t/)
    expect(await fish("rgrid run num")).toMatch(/^numbered\.py/)
  })

  it.runIf(has("zsh"))("of zsh load, and are those of rgrid", async () => {
    const said = await complete("zsh", "autoload -Uz compinit; compinit -u; source $COMPLETIONS; print $_comps[rgrid]")
    expect(said).toBe("_rgrid\n")
  })
})
