/** A note beside what a failed member left, so that nobody takes it for a result. Gone when the item has succeeded. */
import { randomUUID } from "node:crypto"
import { readFile, rename, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import type { Execution } from "../../domain/Execution.ts"
import { enter, look, onDisk } from "../back/files.ts"
import { type Below, spotOf } from "../back/where.ts"
import { plain } from "../../domain/plain.ts"
import { explain } from "../failureSentences.ts"

export const noteName = "FAILED.txt"

/** How one of ours begins: anything else of that name is the script's or a person's. */
const ours = "RGrid: what is here was made by an item that did not complete."

const textOf = ({ failure, id }: Execution): string => {
  const { fix, what, why } = failure === null ? { what: "", why: "", fix: "" } : explain(failure)
  const known = [what, why, fix].filter((line) => line !== "").map(plain)
  return [ours, "", ...known, `rgrid logs ${id}`, ""].join("\n")
}

const isOurs = async (path: string): Promise<boolean> =>
  (await look(path))?.isFile() === true && (await readFile(path, "utf8")).startsWith(ours)

const put = async (path: string, text: string): Promise<void> => {
  if ((await look(path)) !== null && !(await isOurs(path))) return
  const fresh = join(dirname(path), `.rgrid-${randomUUID()}.note`)
  await writeFile(fresh, text, { flag: "wx" })
  await rename(fresh, path)
}

/** `written`: whether it left something now; what an earlier run left is marked too. */
export const mark = (execution: Execution, directory: string, below: Below, written: boolean) =>
  onDisk(join(below.name, noteName), async () => {
    const spot = spotOf(directory, { below }, noteName)
    if (typeof spot === "string") return
    const name = spot.names.at(-1) ?? noteName
    const folder = join(directory, ...spot.names.slice(0, -1))
    const isThere = (await look(folder))?.isDirectory() === true && (!below.flat || written)
    if (!isThere) return
    const entered = await enter(directory, spot.names.slice(0, -1))
    if (entered === null) return
    const path = join(entered.folder, name)
    if (execution.state !== "completed") return put(path, textOf(execution))
    if (await isOurs(path)) await rm(path, { force: true })
  })
