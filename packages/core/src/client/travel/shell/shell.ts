/** Shell: what is sourced or handed to another shell, and every word that is the name of something here. */
import { dirname, resolve } from "node:path"
import type { Language, Mentions, Source } from "../Language.ts"
import { words } from "./words.ts"

const runners = new Set(["source", ".", "bash", "sh", "dash", "zsh", "exec", "python", "python3", "node"])

const read = ({ file, text }: Source): Mentions => {
  const imports = new Set<string>()
  const paths = new Set<string>()
  let runner = false
  for (const word of words(text, file)) {
    if (word.first) runner = runners.has(word.text ?? "")
    // `--file=data.csv` names a file as much as `data.csv` does.
    const name = word.text?.replace(/^-[\w-]*=?/, "") ?? ""
    if (name === "" || (word.text!.startsWith("-") && !word.text!.includes("="))) continue
    if (word.first && !/^\.{0,2}\//.test(name)) continue
    if (runner || word.first) imports.add(name)
    else paths.add(name)
    runner &&= word.first
  }
  return { imports: [...imports], paths: [...paths], roots: [] }
}

export const shell: Language = {
  read,
  resolve: (name, { cwd, disk, file }) =>
    [...new Set([resolve(cwd, name), resolve(dirname(file), name)])].filter((path) => disk.kind(path) === "file"),
  companions: () => []
}
