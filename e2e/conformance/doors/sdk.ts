/** `import { run } from "rgrid"`, in a process of its own as a user's program is. */
import { execFile } from "node:child_process"
import { join } from "node:path"
import { promisify } from "node:util"
import type { Door, Outcome, Scenario } from "../Door.ts"
import { changed, snapshot } from "../place.ts"

const program = join(import.meta.dirname, "../programs")

/** What the program says of the end: all but the files, which are here. */
interface Said extends Omit<Outcome, "files" | "stdout" | "stderr"> {
  readonly stdout: string
  readonly stderr: string
}

/** A program that is handed a scenario and tells how it ended. */
export const programDoor = (name: string, file: string, lacks: Door["lacks"]): Door => ({
  name,
  lacks,
  run: async ({ expect: _expect, files: _files, ...asked }: Scenario, place, grid) => {
    const before = snapshot(place)
    const { stderr, stdout } = await promisify(execFile)(
      process.execPath,
      [join(program, file), JSON.stringify(asked)],
      { cwd: place, env: grid.named(), maxBuffer: 2 ** 28 }
    )
    if (stderr !== "") throw new Error(`it warns: ${stderr}`)
    const said: Said = JSON.parse(stdout)
    return {
      ...said,
      stdout: Buffer.from(said.stdout, "base64"),
      stderr: Buffer.from(said.stderr, "base64"),
      files: changed(before, snapshot(place))
    }
  }
})

export const sdk = programDoor("library", "sdk.mjs", {})
export const effect = programDoor("Effect library", "effect.mjs", {})
