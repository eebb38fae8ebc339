/** What the repository `rgrid/run-script` holds: `node action.mjs DIRECTORY`. Prints the tags of this version. */
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url))
const source = join(root, "packages/action")
const target = process.argv[2]

mkdirSync(target, { recursive: true })
rmSync(join(target, "dist"), { recursive: true, force: true })
cpSync(join(source, "dist"), join(target, "dist"), { recursive: true })
for (const file of ["action.yml", "README.md"]) copyFileSync(join(source, file), join(target, file))
copyFileSync(join(root, "LICENSE"), join(target, "LICENSE"))

// It says that the bundle is an ES module, and which version of the command line belongs to it.
const { description, license, type, version } = JSON.parse(readFileSync(join(source, "package.json"), "utf8"))
const manifest = { name: "run-script", version, private: true, description, type, license }
writeFileSync(join(target, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`)

// Before 1.0 too workflows name the first version of its inputs and outputs.
console.log(`v${version} v${Math.max(1, Number(version.split(".")[0]))}`)
