/** Folders with what a user installs from the public registries: for programs that are no part of this workspace. */
import { existsSync, readdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { expect } from "vitest"
import { local } from "./harness.ts"

export const succeeds = async (program: string, args: ReadonlyArray<string>, cwd: string): Promise<void> => {
  const { code, stderr, stdout } = await local(program, args, cwd)
  expect(code, `${program} ${args.join(" ")}\n${stdout.toString()}${stderr}`).toBe(0)
}

/** Packages of npm in `node_modules` of a folder, which is a package of its own if it is none yet. */
export const npm = async (place: string, ...packages: ReadonlyArray<string>): Promise<void> => {
  const own = join(place, "package.json")
  if (!existsSync(own)) writeFileSync(own, JSON.stringify({ name: "app", private: true, type: "module" }))
  await succeeds("npm", ["install", "--no-audit", "--no-fund", "--loglevel", "error", ...packages], place)
}

/** The Bun that the library is tested on, in a folder. Its package `bun` is a script that looks for this very file. */
export const bun = async (place: string): Promise<string> => {
  const name = `@oven/bun-${process.platform}-${process.arch === "arm64" ? "aarch64" : process.arch}`
  await npm(place, `${name}@1.4.5`)
  return join(place, "node_modules", name, "bin/bun")
}

/** Packages of PyPI in a virtual environment of a folder; answers where its programs are. */
export const pip = async (place: string, ...packages: ReadonlyArray<string>): Promise<string> => {
  await succeeds("python3", ["-m", "venv", "venv"], place)
  const programs = join(place, "venv/bin")
  await succeeds(join(programs, "pip"), ["install", "--quiet", "--disable-pip-version-check", ...packages], place)
  return programs
}

/** The library as it would be published, in a folder. */
export const packed = async (place: string): Promise<string> => {
  const root = join(import.meta.dirname, "..")
  await succeeds("sh", ["scripts/dev", "pnpm", "--dir", "packages/core", "pack", "--pack-destination", place], root)
  return join(place, readdirSync(place).find((name) => name.endsWith(".tgz"))!)
}
