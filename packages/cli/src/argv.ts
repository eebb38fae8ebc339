/**
 * Whose flag is whose in `rgrid run [flags] script words…` (FR3). The parser knows flags anywhere before `--`, so the
 * words are put in an order it can't mistake: `run <our flags> -- script <its words>`.
 */
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import { profileFlag } from "./profile.ts"

/** Flags of ours, with dashes: their name without, and whether the next word is their value. */
export type Flags = ReadonlyMap<string, { readonly name: string; readonly takesValue: boolean }>

// Scripts have these without naming them: argparse and its like make them.
const neverTaken = new Set(["--help", "-h", "--version", "-v"])

const builtIn: Flags = new Map(
  ["log-level", profileFlag].map((name) => [`--${name}`, { name, takesValue: true }])
)

/** The flags of a subcommand, read from the command itself so that the two never drift apart. */
export const flagsOf = (root: Command.Command.Any, name: string): Flags => {
  const tree = Completions.fromCommand(root)
  const command = tree.subcommands.find((candidate) => candidate.name === name)
  const flags = new Map(builtIn)
  for (const flag of [...tree.flags, ...(command?.flags ?? [])]) {
    const takesValue = flag.type._tag !== "Boolean" && flag.optionalValue !== true
    const { name } = flag
    flags.set(`--${name}`, { name, takesValue })
    for (const alias of flag.aliases) flags.set(alias.length === 1 ? `-${alias}` : `--${alias}`, { name, takesValue })
    if (!takesValue && flag.negation !== false) flags.set(`--${flag.negation ?? `no-${name}`}`, { name, takesValue })
  }
  return flags
}

const isFlag = (word: string): boolean => word.startsWith("-") && word !== "-" && word !== "--"

const nameOf = (word: string): string => word.split("=", 1)[0]!

/**
 * Whether the script's text names the flag, and not only a longer one as `--batch-size`. A short one is also named by the
 * letters given to `getopts`.
 */
const mentions = (text: string, flag: string): boolean =>
  flag.startsWith("--")
    ? text.includes(flag) && new RegExp(`${flag}(?![\\w-])`).test(text)
    : new RegExp(`(?<![\\w-])${flag}`).test(text) || /\bgetopts?\b/.test(text)

interface Split {
  readonly ours: ReadonlyArray<string>
  readonly its: ReadonlyArray<string>
}

/** Takes all values up to the next flag: a shell makes many words of `data/*.csv`. */
const greedy = "--batch"

/** Index behind the last of its values. */
const endOfValues = (words: ReadonlyArray<string>, first: number): number => {
  const length = words.slice(first).findIndex((word) => isFlag(word) || word === "--")
  return length < 0 ? words.length : first + length
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
    if (word === greedy && i + 1 < words.length) {
      const end = endOfValues(words, i + 1)
      for (const value of words.slice(i + 1, end)) ours.push(`${greedy}=${value}`)
      if (end === i + 1) ours.push(word)
      i = end - 1
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

/** The command that the words name, before any command's own flags are known; empty when they name none. */
export const verbOf = (argv: ReadonlyArray<string>): string => argv[firstPositional(argv, builtIn)] ?? ""

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

/** A flag with a value, from a file of settings. `many`: it stands beside those that are given. */
export interface Setting {
  readonly flag: string
  readonly value: string
  readonly many: boolean
}

/** Flags of ours in arranged words, by name, with the values they are given. */
export const given = (
  argv: ReadonlyArray<string>,
  flags: Flags
): ReadonlyArray<readonly [name: string, value: string]> => {
  const end = argv.indexOf("--")
  const ours = end < 0 ? argv : argv.slice(0, end)
  return ours.flatMap((word, i) => {
    const flag = isFlag(word) ? flags.get(nameOf(word)) : undefined
    if (flag === undefined) return []
    const equals = word.indexOf("=")
    return [[flag.name, equals >= 0 ? word.slice(equals + 1) : flag.takesValue ? ours[i + 1] ?? "" : ""] as const]
  })
}

/** Arranged `argv` with settings for the flags of `run` that it does not give itself. */
export const withSettings = (
  argv: ReadonlyArray<string>,
  flags: Flags,
  settings: ReadonlyArray<Setting>
): ReadonlyArray<string> => {
  const verb = firstPositional(argv, flags)
  const names = new Set(given(argv, flags).map(([name]) => name))
  const added = settings.filter(({ flag, many }) => flags.has(`--${flag}`) && (many || !names.has(flag)))
  const words = added.map(({ flag, value }) => `--${flag}=${value}`)
  return [...argv.slice(0, verb + 1), ...words, ...argv.slice(verb + 1)]
}

/** Whether the command is `run`, and is to run something: settings of a project count then. */
export const runs = (argv: ReadonlyArray<string>, flags: Flags): boolean => {
  const end = argv.indexOf("--")
  const ours = end < 0 ? argv : argv.slice(0, end)
  // A spec is posted as it is.
  const isBare = ours.some((word) => neverTaken.has(word) || nameOf(word) === "--spec")
  return argv[firstPositional(argv, flags)] === "run" && !isBare
}
