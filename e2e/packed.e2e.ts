/** The packed packages in clean folders, installed as users install them: nothing of this clone is within their reach. */
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll, describe, expect, it } from "vitest"
import { between } from "../scripts/licenses.ts"
import { packAll } from "../scripts/pack.mjs"
import { examples, local } from "./harness.ts"
import { allTools, toolsOf } from "./packed/assistant.ts"
import { Installed, placeOfAll, removed } from "./packed/installed.ts"
import { type Packed, type Registry, serve } from "./packed/registry.ts"
import { answerOf } from "./packed/served.ts"

const place = placeOfAll()
let packed: ReadonlyArray<Packed>
let registry: Registry

beforeAll(async () => {
  packed = packAll(join(place, "packed"))
  registry = await serve(packed)
})
afterAll(async () => {
  await registry.close()
  removed(place)
})

const typescript = fileURLToPath(new URL("../node_modules/.bin/tsc", import.meta.url))
const scripts = ["hello.py", "app.mjs", "app.cjs"]

describe("what is packed", () => {
  const names = ["@rgrid/cli", "@rgrid/runner", "@rgrid/server", "rgrid"]
  const contents = async (name: string, ...options: ReadonlyArray<string>) => {
    const { path } = packed.find((one) => one.name === name)!
    return (await local("tar", ["-zf", path, ...options], place)).stdout.toString()
  }

  it.each(names)("%s holds what runs, a README and the license, and no tests, sources or maps", async (name) => {
    const files = (await contents(name, "-t")).trim().split("\n")
    expect(files).toEqual(expect.arrayContaining(["package/LICENSE", "package/README.md", "package/package.json"]))
    expect(files.filter((file) => /\/(?:src|test|testing|node_modules)\/|\.map$|tsconfig|tsdown|(?<!\.d)\.ts$/.test(file))).toEqual([])
  })

  it.each([
    ["@rgrid/cli", ["effect", "picomatch", "smol-toml", "yocto-spinner"]],
    ["@rgrid/runner", ["dockerode", "effect", "fflate", "undici"]],
    ["@rgrid/server", ["@effect/sql-pg", "effect"]]
  ])("%s holds the licenses of what is bundled in it", async (name, bundled) => {
    const texts = (await contents(name, "-xO", "package/dist/licenses.txt")).split(between)
    expect(texts.map((text) => text.split(" ", 1)[0])).toEqual(expect.arrayContaining(bundled))
    for (const text of texts) expect(text).toMatch(/^\S+ \d\S* \((MIT|ISC|Apache-2\.0|BSD-[23]-Clause|BlueOak-1\.0\.0)\)\n\n.*\bas\s+is\b/is)
  })

  it.each(names)("%s asks for versions that a registry knows, and for conditions that are there", async (name) => {
    const manifest = await contents(name, "-xO", "package/package.json")
    expect(manifest).not.toMatch(/workspace:|catalog:|rgrid-src|"(?:pre|post)?install"/)
  })

  it("exports every entry of one another, and of themselves, that the packages ask for", async () => {
    const manifests = await Promise.all(names.map(async (name) => JSON.parse(await contents(name, "-xO", "package/package.json"))))
    const exported = manifests.flatMap(({ exports, name }) => Object.keys(exports).map((entry) => name + entry.slice(1)))
    const code = await Promise.all(names.map((name) => contents(name, "-xO", "--wildcards", "package/*.js", "package/*.cjs", "package/*.d.ts")))
    const asked = [...code.join("\n").matchAll(/(?:\bimport\s*\(?|\bfrom|\brequire\(|\.resolve\()\s*["'`]((?:@rgrid\/[\w-]+|rgrid)(?:\/[\w./-]+)?)["'`]/g)]
      .map(([, entry]) => entry!)
    expect(asked).toEqual(expect.arrayContaining(["@rgrid/cli/bin", "@rgrid/cli/mcp", "@rgrid/cli/part", "@rgrid/runner", "@rgrid/server"]))
    expect(asked.filter((entry) => !exported.includes(entry))).toEqual([])
  })
})

describe("with npm", () => {
  let app: Installed
  beforeAll(async () => {
    app = new Installed(place, "npm", registry.url, [...scripts, "types.ts"])
    await app.said("npm", "install", "rgrid", "@types/node@24.19.2")
  })
  afterAll(() => app.down("npx", "rgrid"))

  it("npx rgrid brings the command line and starts a grid by itself", async () => {
    expect(await app.said("npx", "rgrid", "--version")).toContain(packed[0]!.version)
    expect(await app.said("npx", "rgrid", "run", "hello.py", "npx")).toBe("hello npx\n")
    expect(app.read("made.txt")).toBe("made")
  })

  it("installs nothing but the library's own dependencies, each of them declared", async () => {
    const { problems = [] } = JSON.parse(await app.said("npm", "ls", "--all", "--json"))
    expect(problems).toEqual([])
    expect(existsSync(join(app.directory, "node_modules/@rgrid"))).toBe(false)
  })

  it("npx rgrid mcp answers an assistant", async () => {
    expect(await toolsOf(app, "npx", ["rgrid", "mcp"])).toMatchObject({ server: { name: "rgrid", version: packed[0]!.version }, tools: allTools })
  })

  it.each(["bundler", "nodenext"])("its types resolve under %s, and hold in themselves", async (resolution) => {
    const module = resolution === "bundler" ? "esnext" : "nodenext"
    const options = ["--noEmit", "--strict", "--target", "es2024", "--module", module, "--moduleResolution", resolution, "--types", "node"]
    expect(await app.said(typescript, ...options, "types.ts")).toBe("")
  })
})

describe("from files", () => {
  it("npm installs them beside each other, with nothing missing and nothing over", async () => {
    const app = new Installed(place, "files", registry.url, scripts)
    await app.said("npm", "install", ...packed.map(({ path }) => path))
    expect((await app.run("npm", "ls", "--all")).code).toBe(0)
    expect(await app.said("npx", "rgrid", "--version")).toContain(packed[0]!.version)
    expect((await toolsOf(app, "npx", ["rgrid", "mcp"])).tools).toEqual(allTools)
  })
})

/** `add`: how it installs; `exec`: how it starts a program of what is installed. */
const managers = {
  // Its own default is to fail where a dependency's install script was not run; ours need none to be.
  pnpm: { add: ["pnpm", "add", "--config.strictDepBuilds=false"], exec: ["pnpm", "exec"], files: [] },
  "yarn 1": { add: ["npx", "--yes", "yarn@1.22.22", "add"], exec: ["npx", "--yes", "yarn@1.22.22", "--silent"], files: [] },
  "yarn 4": {
    add: ["npx", "--yes", "@yarnpkg/cli-dist@4.12.0", "add"],
    exec: ["npx", "--yes", "@yarnpkg/cli-dist@4.12.0", "exec"],
    files: [".yarnrc.yml"]
  }
} as const

/** Ends its grid, whatever came of it. */
const withApp = async (name: string, files: ReadonlyArray<string>, use: (app: Installed) => Promise<void>) => {
  const app = new Installed(place, name, registry.url, files)
  try {
    await use(app)
  } finally {
    await app.down("npx", "--yes", `--package=@rgrid/cli@${packed[0]!.version}`, "rgrid-cli")
  }
}

/** What an example names beside the library, as npm is told of it. */
const versionsOf = (example: string): ReadonlyArray<string> => {
  const { dependencies } = JSON.parse(readFileSync(join(examples, example, "package.json"), "utf8"))
  return Object.entries(dependencies).flatMap(([name, version]) => name === "rgrid" ? [] : [`${name}@${version}`])
}

describe("with other managers, and in web apps", () => {
  it.each(Object.entries(managers))("%s installs a program that runs, and a library that starts a grid, however it is loaded", (name, { add, exec, files }) =>
    withApp(name.replace(" ", "-"), [...scripts, ...files], async (app) => {
      await app.said(add[0], ...add.slice(1), "rgrid", "@rgrid/cli")
      expect(await app.said("node", "app.mjs")).toBe("0 hello module made.txt\n")
      expect(await app.said("node", "app.cjs")).toBe("0 hello require\n")
      expect(await app.said(exec[0], ...exec.slice(1), "rgrid", "run", "hello.py", "program")).toBe("hello program\n")
    }))

  it("yarn 4 with Plug'n'Play installs a library that has npm bring the rest", () =>
    withApp("yarn-pnp", scripts, async (app) => {
      writeFileSync(join(app.directory, ".yarnrc.yml"), 'enableTelemetry: false\nunsafeHttpWhitelist: ["127.0.0.1"]\n')
      await app.said("npx", "--yes", "@yarnpkg/cli-dist@4.12.0", "add", "rgrid")
      expect(await app.said("npx", "--yes", "@yarnpkg/cli-dist@4.12.0", "node", "app.mjs")).toBe("0 hello module made.txt\n")
    }))

  it("a request to Express runs a script and is answered with its output", () =>
    withApp("express", ["hello.py", "express/server.mjs"], async (app) => {
      await app.said("npm", "install", "rgrid", ...versionsOf("express"))
      expect(await answerOf(app, ["server.mjs"], "/run?name=express")).toEqual({ exitCode: 0, stdout: "hello express\n" })
    }))

  it("a request to a route of Next.js does, built for production", () =>
    withApp("next", ["hello.py", "next/app"], async (app) => {
      await app.said("npm", "install", "rgrid", ...versionsOf("nextjs"))
      await app.said("npx", "next", "build")
      const start = ["node_modules/next/dist/bin/next", "start"]
      expect(await answerOf(app, start, "/run?name=next")).toEqual({ exitCode: 0, stdout: "hello next\n" })
    }))
})
