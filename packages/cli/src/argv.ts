/**
 * Whose flag is whose in `rgrid run [flags] script words…` (FR3). The parser knows flags anywhere before `--`, so the
 * words are put in an order it can't mistake: `run <our flags> -- script <its words>`.
 */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"

/** Flags of ours, with dashes, and whether the next word is their value. */
export type Flags = ReadonlyMap<string, { readonly takesValue: boolean }>

// Scripts have these without naming them: argparse and its like make them.
const neverTaken = new Set(["--help", "-h", "--version", "-v"])

const builtIn: Flags = new Map([["--log-level", { takesValue: true }], ["--completions", { takesValue: true }]])

/** The flags of a subcommand, read from the command itself so that the two never drift apart. */
export const flagsOf = (root: Command.Command.Any, name: string): Flags => {
  const tree = Completions.fromCommand(root)
  const command = tree.subcommands.find((candidate) => candidate.name === name)
  const flags = new Map(builtIn)
  for (const flag of [...tree.flags, ...(command?.flags ?? [])]) {
    const takesValue = flag.type._tag !== "Boolean" && flag.optionalValue !== true
    flags.set(`--${flag.name}`, { takesValue })
    for (const alias of flag.aliases) flags.set(alias.length === 1 ? `-${alias}` : `--${alias}`, { takesValue })
    if (!takesValue && flag.negation !== false) flags.set(`--${flag.negation ?? `no-${flag.name}`}`, { takesValue })
  }
  return flags
}

const isFlag = (word: string): boolean => word.startsWith("-") && word !== "-" && word !== "--"

const nameOf = (word: string): string => word.split("=", 1)[0]!

/** Whether the script's text names the flag. A short one is also named by the letters given to `getopts`. */
const mentions = (text: string, flag: string): boolean =>
  flag.startsWith("--")
    ? text.includes(flag)
    : new RegExp(`(?<![\\w-])${flag}`).test(text) || /\bgetopts?\b/.test(text)

interface Split {
  readonly ours: ReadonlyArray<string>
  readonly its: ReadonlyArray<string>
}

/** Words behind the script: flags of ours that the script does not speak of, and the script's own. */
const splitBehind = (words: ReadonlyArray<string>, flags: Flags, text: string): Split => {
  const ours: Array<string> = []
  const its: Array<string> = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (word === "--") return { ours, its: [...its, ...words.slice(i + 1)] }
    const name = nameOf(word)
    const flag = isFlag(word) && !neverTaken.has(name) ? flags.get(name) : undefined
    if (flag === undefined || mentions(text, name)) {
      its.push(word)
      continue
    }
    ours.push(word)
    if (flag.takesValue && !word.includes("=") && i + 1 < words.length) ours.push(words[++i]!)
  }
  return { ours, its }
}

/** Index of the first word that is neither a flag nor a flag's value; `--` counts as one. */
const firstPositional = (words: ReadonlyArray<string>, flags: Flags): number => {
  for (let i = 0; i < words.length; i++) {
    const word = words[i]!
    if (!isFlag(word)) return i
    if (flags.get(word)?.takesValue === true) i++
  }
  return words.length
}

/** `--tail` may stand without its number. */
const withTail = (argv: ReadonlyArray<string>): ReadonlyArray<string> =>
  argv.flatMap((word, i) => word === "--tail" && !/^-?\d+$/.test(argv[i + 1] ?? "") ? [word, "100"] : [word])

/** `argv` in an order the parser understands. `textOf` gives a script's text, empty when it can't be read. */
export const arrange = (
  argv: ReadonlyArray<string>,
  flags: Flags,
  textOf: (script: string) => string
): ReadonlyArray<string> => {
  const verb = firstPositional(argv, flags)
  if (argv[verb] === "logs") return withTail(argv)
  if (argv[verb] !== "run") return argv
  const before = argv.slice(0, verb + 1)
  const rest = argv.slice(verb + 1)
  const at = firstPositional(rest, flags)
  if (at === rest.length || rest[at] === "--") return argv
  const script = rest[at]!
  const { ours, its } = splitBehind(rest.slice(at + 1), flags, textOf(script))
  return [...before, ...rest.slice(0, at), ...ours, "--", script, ...its]
}
