/**
 * Which version is to be released now: `version=1.2.3`, empty while changesets wait or when its tag is there already.
 * `node due.mjs COMMIT`: a tag at this commit doesn't count, since whoever asks may be the one that set it.
 */
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const { version } = JSON.parse(readFileSync(join(root, "packages/core/package.json"), "utf8"))
const own = process.argv[2]

const waiting = readdirSync(join(root, ".changeset")).some((name) => name.endsWith(".md") && name !== "README.md")

/** Asked of the repository that is released, since the clone may be shallow. */
const isTagged = () => {
  const { error, status, stderr, stdout } = spawnSync("git", ["ls-remote", "--exit-code", "--tags", "origin", `refs/tags/v${version}`], { cwd: root, encoding: "utf8" })
  if (status === 0) return stdout.split(/\s/)[0] !== own
  // 2: asked, and not there.
  if (status === 2) return false
  throw new Error(`git ls-remote: ${error?.message ?? stderr}`)
}

console.log(`version=${waiting || isTagged() ? "" : version}`)
