/** Steps over one grid for all tests of a file. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import type { TestGrid } from "../harness.ts"
import { type Ran, Step } from "./runner.ts"

type Texts = Readonly<Record<string, string>>

export const put = (place: string, files: Texts): void => {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(place, name)), { recursive: true })
    writeFileSync(join(place, name), text)
  }
}

/** A workspace with these files in it. */
export const workspace = (grid: TestGrid, files: Texts): string => {
  const place = grid.workplace()
  put(place, files)
  return place
}

export const stepOn = (grid: TestGrid, place: string, inputs: Texts, env: NodeJS.ProcessEnv = {}): Step => {
  const { key, url } = grid.file()
  return new Step({ workspace: place, inputs: { server: url, "api-key": key, ...inputs }, env }, grid.home)
}

export const run = (grid: TestGrid, place: string, inputs: Texts, env: NodeJS.ProcessEnv = {}): Promise<Ran> =>
  stepOn(grid, place, inputs, env).main().ran
