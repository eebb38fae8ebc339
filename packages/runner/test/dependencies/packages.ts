/** One package for Python and one for Node, both called `greeting`, that say which version they are. */
import { zipSync } from "fflate"
import { createTarGzip } from "nanotar"
import { createHash } from "node:crypto"

export const versions: ReadonlyArray<string> = ["1.0", "2.0", "3.0"]

/** The same bytes whenever they are made: locks name their hashes. */
const mtime = new Date("2020-01-01T12:00:00Z")

const text = (value: string): Uint8Array => Buffer.from(value)

export const wheelName = (version: string): string => `greeting-${version}-py3-none-any.whl`

export const wheel = (version: string): Buffer => {
  const info = `greeting-${version}.dist-info`
  const files = {
    "greeting.py": text(`version = "${version}"\n`),
    [`${info}/METADATA`]: text(`Metadata-Version: 2.1\nName: greeting\nVersion: ${version}\n`),
    [`${info}/WHEEL`]: text("Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n"),
    [`${info}/RECORD`]: text(`greeting.py,,\n${info}/METADATA,,\n${info}/WHEEL,,\n${info}/RECORD,,\n`)
  }
  return Buffer.from(zipSync(files, { mtime }))
}

export const tarball = async (): Promise<Buffer> => {
  const manifest = JSON.stringify({ name: "greeting", version: "1.0.0", main: "index.js" })
  const files = [{ name: "package/package.json", data: manifest }, {
    name: "package/index.js",
    data: "exports.version = \"1.0.0\"\n"
  }]
  return Buffer.from(await createTarGzip(files, { attrs: { mtime: mtime.getTime(), mode: "644" } }))
}

const hash = (algorithm: string, bytes: Uint8Array, encoding: "hex" | "base64"): string =>
  createHash(algorithm).update(bytes).digest(encoding)

/** Every kind of declaration that asks for version 1, as files by name; the declaration first. */
export const pythonKinds = (index: string) => ({
  script: { "script.py": "# /// script\n# requires-python = \">=3.8\"\n# dependencies = [\"greeting==1.0\"]\n# ///\n" },
  pyproject: {
    "pyproject.toml": "[project]\nname = \"mine\"\nversion = \"0\"\nrequires-python = \">=3.8\"\ndependencies = [\"greeting==1.0\"]\n"
  },
  "uv-lock": {
    "pyproject.toml": "[project]\nname = \"mine\"\nversion = \"0\"\nrequires-python = \">=3.8\"\n",
    "uv.lock": [
      "version = 1",
      "requires-python = \">=3.8\"",
      "[[package]]",
      "name = \"greeting\"",
      "version = \"1.0\"",
      `source = { registry = "${index}" }`,
      `wheels = [{ url = "${new URL(`../${wheelName("1.0")}`, `${index}/`).href}", hash = "sha256:${
        hash("sha256", wheel("1.0"), "hex")
      }" }]`,
      "[[package]]",
      "name = \"mine\"",
      "version = \"0\"",
      "source = { virtual = \".\" }",
      "dependencies = [{ name = \"greeting\" }]",
      ""
    ].join("\n")
  }
})

export const nodeKinds = async (registry: string) => {
  const bytes = await tarball()
  const integrity = `sha512-${hash("sha512", bytes, "base64")}`
  const manifest = JSON.stringify({ name: "mine", version: "1.0.0", dependencies: { greeting: "1.0.0" } })
  const lock = {
    name: "mine",
    version: "1.0.0",
    lockfileVersion: 3,
    packages: {
      "": { name: "mine", version: "1.0.0", dependencies: { greeting: "1.0.0" } },
      "node_modules/greeting": { version: "1.0.0", integrity }
    }
  }
  return {
    "npm-lock": { "package-lock.json": JSON.stringify(lock), "package.json": manifest },
    "pnpm-lock": {
      "pnpm-lock.yaml": [
        "lockfileVersion: '9.0'",
        "importers:",
        "  .:",
        "    dependencies:",
        "      greeting: { specifier: 1.0.0, version: 1.0.0 }",
        "packages:",
        `  greeting@1.0.0: { resolution: { integrity: ${integrity} } }`,
        "snapshots:",
        "  greeting@1.0.0: {}",
        ""
      ].join("\n"),
      "package.json": manifest
    },
    "yarn-lock": {
      "yarn.lock": [
        "# yarn lockfile v1",
        "",
        "greeting@1.0.0:",
        "  version \"1.0.0\"",
        `  resolved "${registry}/greeting/-/greeting-1.0.0.tgz"`,
        `  integrity ${integrity}`,
        ""
      ].join("\n"),
      "package.json": manifest
    }
  }
}
