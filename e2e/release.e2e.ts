/** What a release does, done here: to a registry and to repositories of the test's own. */
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { basename, join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest"
import { packAll } from "../scripts/pack.mjs"
import { Step } from "./action/runner.ts"
import { type Finished, git, has, local, sha256 } from "./harness.ts"
import { Installed, placeOfAll, removed } from "./packed/installed.ts"
import { type Packed, serve } from "./packed/registry.ts"

const release = fileURLToPath(new URL("../scripts/release", import.meta.url))
const place = placeOfAll()
const target = join(place, "run-script")
let packed: ReadonlyArray<Packed>

beforeAll(() => {
  packed = packAll(join(place, "packed"))
})
afterAll(() => removed(place))

const script = (name: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = {}): Promise<Finished> =>
  local(process.execPath, [join(release, name), ...args], place, { ...process.env, ...env })

const folder = (name: string): string => {
  const made = join(place, name)
  mkdirSync(made, { recursive: true })
  return made
}

const repository = async (name: string) => {
  const [remote, clone] = [folder(`${name}/remote.git`), folder(`${name}/clone`)]
  await git(place, "init", "-q", "--bare", "-b", "main", remote)
  await git(place, "clone", "-q", remote, clone)
  await git(clone, "symbolic-ref", "HEAD", "refs/heads/main")
  /** Which commit each branch and tag is at. */
  const refs = async (): Promise<Readonly<Record<string, string>>> =>
    Object.fromEntries((await git(remote, "for-each-ref", "--format=%(refname:short) %(objectname)")).split("\n").filter(Boolean).map((line) => line.split(" ")))
  return { remote, clone, refs }
}

/** As release.yml does: the Action with its tags, the formula without any. */
const push = (clone: string, version: string) =>
  local("sh", [join(release, "push"), ...version === "" ? ["a version"] : [version, version, version.replace(/\..*/, "").replace("v0", "v1")]], clone)

const pushed = async (clone: string, version: string) => {
  const { code, stderr } = await push(clone, version)
  expect(code, stderr).toBe(0)
}

describe("publishing to npm", () => {
  it("gives each package after what it needs, and what is there already not again", async () => {
    const registry = await serve([])
    try {
      const userconfig = join(place, "npmrc")
      writeFileSync(userconfig, `registry=${registry.url}\n${registry.url.replace("http:", "")}/:_authToken=test\n`)
      const env = { npm_config_userconfig: userconfig, npm_config_registry: registry.url, npm_config_cache: join(place, "cache") }
      // As release.yml does, with the names of files that another job has packed.
      const files = packed.map(({ path }) => basename(path))
      const publish = () => local(process.execPath, [join(release, "publish.mjs"), ...files], join(place, "packed"), { ...process.env, ...env })
      const first = await publish()
      expect(first.code, first.stderr).toBe(0)
      expect(registry.puts).toEqual(["@rgrid/runner", "@rgrid/server", "@rgrid/cli", "rgrid"])
      const second = await publish()
      expect(second.stdout.toString().match(/is there already/g)).toHaveLength(4)
      expect(registry.puts).toHaveLength(4)
    } finally {
      await registry.close()
    }
  })
})

describe("the Action's own repository", () => {
  let tags: ReadonlyArray<string>
  beforeAll(async () => {
    const { code, stderr, stdout } = await script("action.mjs", [target])
    if (code !== 0) throw new Error(stderr)
    tags = stdout.toString().trim().split(" ")
  })

  it("holds what GitHub runs and what people read, and nothing else", () => {
    const files = readdirSync(target, { recursive: true }).map(String).toSorted()
    expect(files).toEqual(["LICENSE", "README.md", "action.yml", "dist", "dist/index.js", "dist/licenses.txt", "package.json"])
    expect(tags).toEqual([`v${packed[0]!.version}`, "v1"])
  })

  it("is pushed with both tags, of which v1 moves and the other stays", async () => {
    const { clone, refs } = await repository("moves")
    for (const version of ["v1.0.0", "v1.1.0"]) {
      writeFileSync(join(clone, "action.yml"), version)
      await pushed(clone, version)
    }
    const at = await refs()
    expect(at["v1"]).toBe(at["v1.1.0"])
    expect(at["v1.0.0"]).not.toBe(at["v1.1.0"])
  })

  it("is pushed whole or not at all, can be pushed again then, and not a second time", async () => {
    const { clone, refs, remote } = await repository("again")
    writeFileSync(join(clone, "action.yml"), "v1.0.0")
    const hook = join(remote, "hooks/update")
    writeFileSync(hook, "#!/bin/sh\n[ \"$1\" != refs/tags/v1 ]\n", { mode: 0o755 })
    expect((await push(clone, "v1.0.0")).code).not.toBe(0)
    expect(await refs()).toEqual({})
    rmSync(hook)
    await pushed(clone, "v1.0.0")
    const first = await refs()
    expect(first).toEqual({ main: first["main"], "v1.0.0": first["main"], v1: first["main"] })
    // Another job's, with other bytes: what people use must not change.
    writeFileSync(join(clone, "action.yml"), "v1.0.0 once more")
    await pushed(clone, "v1.0.0")
    expect(await refs()).toEqual(first)
  })

  it.each([
    ["the next one of its first number", ["v1.9.0", "v1.11.0", "v1.10.0"], { main: "v1.11.0", v1: "v1.11.0" }],
    ["one of a later first number", ["v1.9.0", "v2.0.0", "v1.10.0"], { main: "v2.0.0", v1: "v1.10.0", v2: "v2.0.0" }],
    ["the next one before 1.0", ["v0.1.0", "v0.3.0", "v0.2.0"], { main: "v0.3.0", v1: "v0.3.0" }]
  ])("gets nothing moved back by a version that comes after %s", async (name, versions, moved) => {
    const { clone, refs } = await repository(name)
    for (const version of versions) {
      writeFileSync(join(clone, "action.yml"), version)
      await pushed(clone, version)
    }
    const at = await refs()
    expect(new Set(versions.map((version) => at[version])).size).toBe(3)
    expect(at).toMatchObject(Object.fromEntries(Object.entries(moved).map(([ref, version]) => [ref, at[version]])))
    expect(await git(clone, "show", `${versions[2]}:action.yml`)).toBe(versions[2])
  })

  it("gets no commit that changes nothing, and needs no tags", async () => {
    const { clone, refs } = await repository("same")
    for (const content of ["one", "one", "two"]) {
      writeFileSync(join(clone, "rgrid.rb"), content)
      await pushed(clone, "")
    }
    expect(Object.keys(await refs())).toEqual(["main"])
    expect(await git(clone, "rev-list", "--count", "HEAD")).toBe("2")
  })

  it("runs from there, in a workspace that has the library, with a grid of its own version that npm brings and that ends with the job", async () => {
    const registry = await serve(packed, ["@rgrid/cli"])
    const app = new Installed(place, "workspace", registry.url, ["hello.py"])
    try {
      await app.said("npm", "install", "rgrid")
      const program = join(target, "dist/index.js")
      const step = new Step({ workspace: app.directory, inputs: { script: "hello.py" }, env: app.environment, program }, place)
      const ran = await step.main().ran
      expect([ran.code, ran.log.includes("hello")], ran.raw + ran.stderr).toEqual([0, true])
      expect(app.read("made.txt")).toBe("made")
      expect(app.left()).not.toEqual([])
      const post = await step.post()
      expect([post.code, app.left()], post.raw + post.stderr).toEqual([0, []])
    } finally {
      await app.down("npx", "rgrid").finally(() => registry.close())
    }
  })
})

describe("the version that is due", () => {
  const change = join(place, "due/clone/.changeset/change.md")
  let clone: string
  const due = async (...args: ReadonlyArray<string>): Promise<string> => {
    const { code, stderr, stdout } = await local(process.execPath, [join(clone, "scripts/release/due.mjs"), ...args], place)
    expect(code, stderr).toBe(0)
    return stdout.toString()
  }
  beforeAll(async () => {
    ({ clone } = await repository("due"))
    for (const path of ["scripts/release", "packages/core", ".changeset"]) mkdirSync(join(clone, path), { recursive: true })
    cpSync(join(release, "due.mjs"), join(clone, "scripts/release/due.mjs"))
    writeFileSync(join(clone, "packages/core/package.json"), JSON.stringify({ version: "1.2.3" }))
    await pushed(clone, "")
  })

  it("is none while a change waits", async () => {
    writeFileSync(change, "---\n---\n")
    expect(await due()).toBe("version=\n")
    rmSync(change)
    expect(await due()).toBe("version=1.2.3\n")
  })

  it("is none once it is tagged, but for who tagged it", async () => {
    const head = await git(clone, "rev-parse", "HEAD")
    expect(await due(head)).toBe("version=1.2.3\n")
    await git(clone, "push", "-q", "origin", "HEAD:refs/tags/v1.2.3")
    expect([await due(), await due(head), await due(sha256("another").slice(0, 40))]).toEqual(["version=\n", "version=1.2.3\n", "version=\n"])
  })
})

describe("the Homebrew formula", () => {
  const systems = ["linux-x64", "linux-arm64", "darwin-x64", "darwin-arm64"]
  const sums = (names: ReadonlyArray<string>) => {
    const file = join(place, "SHA256SUMS")
    writeFileSync(file, names.map((name) => `${sha256(name)}  rgrid-${name}.tar.gz\n`).join(""))
    return file
  }

  const file = join(place, "tap/rgrid.rb")
  const made = async (version: string, names = systems) => {
    const { code, stderr } = await script("formula.mjs", [version, sums(names), file])
    return { code, stderr, formula: existsSync(file) ? readFileSync(file, "utf8") : null }
  }
  beforeEach(() => removed(file))

  it("names each system's executable with its sum", async () => {
    const { code, formula } = await made("1.2.3")
    expect(code).toBe(0)
    for (const system of systems) {
      expect(formula).toContain(`releases/download/v1.2.3/rgrid-${system}.tar.gz"\n      sha256 "${sha256(system)}"`)
    }
    expect(formula).not.toContain("{{")
  })

  it("is replaced by a higher version's only, and by its own", async () => {
    for (const [version, left] of [["1.9.0", "1.9.0"], ["1.10.0", "1.10.0"], ["1.9.1", "1.10.0"], ["1.10.0", "1.10.0"], ["2.0.0", "2.0.0"]]) {
      const { code, formula, stderr } = await made(version!)
      expect(code, stderr).toBe(0)
      expect(formula).toContain(`\n  version "${left}"\n`)
    }
  })

  it.skipIf(!has("ruby"))("is Ruby", async () => {
    await made("1.2.3")
    expect((await local("ruby", ["-c", file], place)).stdout.toString()).toBe("Syntax OK\n")
  })

  it("is not made while a system's executable is missing", async () => {
    const { code, formula, stderr } = await made("1.2.3", systems.slice(1))
    expect([code, formula]).toEqual([1, null])
    expect(stderr).toContain("no sum of rgrid-linux-x64.tar.gz")
  })
})

describe("workflows", () => {
  const folderOfAll = fileURLToPath(new URL("../.github/workflows", import.meta.url))

  it.each(readdirSync(folderOfAll))("%s takes what others wrote at a commit, which no one can move", (name) => {
    const used = [...readFileSync(join(folderOfAll, name), "utf8").matchAll(/uses: (\S+)/g)].map(([, action]) => action!)
    expect(used.length).toBeGreaterThan(0)
    expect(used.filter((action) => !/@[0-9a-f]{40}$/.test(action))).toEqual([])
  })
})
