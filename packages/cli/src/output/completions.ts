/** What a shell is to know of every command. */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import { profileFlag } from "../profile.ts"

/** Words that are files or directories: to the parser they are text, since they go to the script as they are typed. */
const files: ReadonlyMap<string, "file" | "directory" | "either"> = new Map([
  ["script", "file"],
  ["args", "either"],
  ["env-file", "file"],
  ["include", "either"],
  ["requirements", "file"],
  ["spec", "file"],
  ["batch", "either"],
  ["batch-from", "file"],
  ["stdin", "file"],
  ["ca-bundle", "file"],
  ["output-dir", "directory"],
  ["dest", "directory"],
  ["data", "directory"],
  ["state", "directory"],
  ["ready-directory", "directory"],
  ["objects", "directory"]
])

const typed = <A extends Completions.FlagDescriptor | Completions.ArgumentDescriptor>(word: A): A => {
  const pathType = files.get(word.name)
  return pathType === undefined || word.type._tag !== "String" ? word : { ...word, type: { _tag: "Path", pathType } }
}

/** Flags of every command, which the description of the tree leaves out. */
const everywhere: ReadonlyArray<Completions.FlagDescriptor> = [
  { name: profileFlag, aliases: [], description: "Grid to speak to", type: { _tag: "String" } },
  { name: "help", aliases: ["h"], description: "Show help", type: { _tag: "Boolean" }, negation: false }
]

const described = (command: Completions.CommandDescriptor): Completions.CommandDescriptor => ({
  ...command,
  flags: [...command.flags, ...everywhere].map(typed),
  arguments: command.arguments.map(typed),
  subcommands: command.subcommands.map(described)
})

export const script = (root: Command.Command.Any, shell: Completions.Shell): string =>
  // The generator's own advice names a flag that is a command here.
  Completions.generate("rgrid", shell, described(Completions.fromCommand(root)))
    .replaceAll(`rgrid --completions ${shell}`, `rgrid completions ${shell}`) + "\n"
