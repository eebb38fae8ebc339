import { assert, describe, it } from "@effect/vitest"
import { archiveOf, linkOf } from "../../src/dependencies/archives.ts"
import { recipeOf, type Site } from "../../src/dependencies/recipes.ts"

const site: Site = {
  layer: "/.rgrid-layer",
  tools: "/.rgrid-tools",
  path: "/usr/local/bin:/usr/bin",
  program: "python3",
  caBundle: undefined,
  sources: {}
}

describe("a recipe", () => {
  it("leaves a requirements file to the image's pip where uv can't be had, and nothing else", () => {
    const without = { ...site, tools: null }
    assert.include(recipeOf("requirements", without, "requirements.txt")?.script, "-m pip install")
    assert.include(recipeOf("requirements", site, "requirements.txt")?.script, "uv pip install")
    for (const kind of ["script", "uv-lock", "pyproject"] as const) assert.isNull(recipeOf(kind, without, "x"))
  })

  it("puts no path of the job into the shell's text", () => {
    const odd = "a \"$(touch /tmp/x)\"/requirements.txt"
    const recipe = recipeOf("requirements", site, odd)
    assert.notInclude(recipe?.script, "touch")
    assert.deepInclude(recipe?.env, { PROJECT: "a \"$(touch /tmp/x)\"", DECLARED: "requirements.txt" })
  })

  it("prefers our uv to the image's, and the image's npm to ours", () => {
    assert.strictEqual(recipeOf("requirements", site, "r.txt")?.env["PATH"], "/.rgrid-tools:/usr/local/bin:/usr/bin")
    assert.strictEqual(recipeOf("npm-lock", site, "p.json")?.env["PATH"], "/usr/local/bin:/usr/bin:/.rgrid-tools")
  })

  it("names the index, the registry and the authorities in the words of each installer", () => {
    const sources = { packageIndex: "https://pypi.example.com/simple", npmRegistry: "https://npm.example.com" }
    const env = recipeOf("uv-lock", { ...site, sources, caBundle: "/ca.pem" }, "uv.lock")?.env
    assert.deepInclude(env, {
      UV_DEFAULT_INDEX: sources.packageIndex,
      PIP_INDEX_URL: sources.packageIndex,
      npm_config_registry: sources.npmRegistry,
      SSL_CERT_FILE: "/ca.pem",
      NODE_EXTRA_CA_CERTS: "/ca.pem"
    })
    const plain = recipeOf("uv-lock", site, "uv.lock")?.env ?? {}
    for (const name of ["UV_DEFAULT_INDEX", "npm_config_registry", "SSL_CERT_FILE"]) assert.notProperty(plain, name)
  })
})

describe("an index's page", () => {
  const page = "https://pypi.example.com/root/simple/uv/"

  it("links files by absolute and by relative addresses, with hashes and escapes", () => {
    assert.strictEqual(linkOf("<a href='/files/uv-1.whl#sha256=0'>uv</a>", "uv-1.whl", page), "https://pypi.example.com/files/uv-1.whl#sha256=0")
    assert.strictEqual(linkOf("<a href=\"../../p/uv%2D1.whl?a=1&amp;b=2\">", "uv-1.whl", page), "https://pypi.example.com/root/p/uv%2D1.whl?a=1&b=2")
    assert.isNull(linkOf("<a href=\"uv-2.whl\">uv-1.whl</a>", "uv-1.whl", page))
  })

  it("is asked of the mirror where there is one", () => {
    assert.strictEqual(archiveOf("uv", "arm64", { packageIndex: "https://pypi.example.com/simple/" })?.page, "https://pypi.example.com/simple/uv/")
    assert.isNull(archiveOf("uv", "s390x", {}))
  })
})
