/** Publishes packed packages to npm: `node publish.mjs FILE...`, in this order. What is there already stays as it is. */
import { execFileSync, spawnSync } from "node:child_process"
import { basename } from "node:path"

const manifestOf = (file) => JSON.parse(execFileSync("tar", ["-xzOf", file, "package/package.json"], { encoding: "utf8" }))

const isThere = (name, version) => {
  const { status, stderr, stdout } = spawnSync("npm", ["view", `${name}@${version}`, "version", "--json"], { encoding: "utf8" })
  if (status === 0) return stdout.trim() !== ""
  if (/E404/.test(stdout + stderr)) return false
  throw new Error(`npm view ${name}@${version}: ${stderr}`)
}

// Only a workflow can prove where a package was made.
const provenance = process.env.ACTIONS_ID_TOKEN_REQUEST_URL ? ["--provenance"] : []

for (const file of process.argv.slice(2)) {
  const { name, version } = manifestOf(file)
  if (isThere(name, version)) {
    console.log(`${name}@${version} is there already`)
    continue
  }
  // With a path, and not only a name, npm takes it for a file.
  execFileSync("npm", ["publish", file.includes("/") ? file : `./${basename(file)}`, "--access", "public", ...provenance], { stdio: "inherit" })
  console.log(`${name}@${version} is published`)
}
