/** Folders with what a user installs from the public registries: for programs that are no part of this workspace. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import { local } from "./harness.ts"

const succeeds = async (program: string, args: ReadonlyArray<string>, cwd: string): Promise<void> => {
  const { code, stderr, stdout } = await local(program, args, cwd)
  expect(code, `${program} ${args.join(" ")}\n${stdout.toString()}${stderr}`).toBe(0)
}

/** Packages of npm in `node_modules` of a folder; the folder is a package of its own. */
export const npm = async (place: string, ...packages: ReadonlyArray<string>): Promise<void> => {
  writeFileSync(join(place, "package.json"), JSON.stringify({ name: "app", private: true, type: "module" }))
  await succeeds("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error", ...packages], place)
}

/** Packages of PyPI in a virtual environment of a folder; answers where its programs are. */
export const pip = async (place: string, ...packages: ReadonlyArray<string>): Promise<string> => {
  await succeeds("python3", ["-m", "venv", "venv"], place)
  const programs = join(place, "venv/bin")
  await succeeds(join(programs, "pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages], place)
  return programs
}
