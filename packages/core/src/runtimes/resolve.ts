/** What a name or a script stands for, asked of the providers. Pure. */
import * as Result from "effect/Result"
import { distance, nearest } from "../domain/nearest.ts"
import type { Runtime, RuntimeProvider, Script, SyntaxCheck } from "../ports/RuntimeProvider.ts"
import { image as unspoken } from "./image/provider.ts"
import { providers } from "./providers.ts"

/** What runs a script. */
export interface Resolved {
  /** A runtime's name, or an image. */
  readonly name: string
  readonly interpreter: ReadonlyArray<string>
  /** For the script at this absolute path; `null`: nothing here can tell. */
  readonly check: (here: string) => SyntaxCheck | null
}

export type RuntimeRefusal =
  /** Neither ending nor `#!` line tells what runs it. */
  | { readonly _tag: "Undetected" }
  /** Looks like a runtime's name, but is none. `known`: the likeliest first; `nearest`: probably meant. */
  | {
    readonly _tag: "Unknown"
    readonly name: string
    readonly nearest: string | null
    readonly known: ReadonlyArray<string>
  }
  /** There is such a runtime, and it can't run this script; `instead` can. */
  | { readonly _tag: "Unsuitable"; readonly runtime: string; readonly instead: string }

/** Every known runtime, each language's default first. */
export const runtimes: ReadonlyArray<Runtime> = providers.flatMap((provider) => provider.runtimes)

export const defaultRuntime: string = runtimes[0]!.name

/** The image a spec's `runtime` stands for. */
export const imageOf = (runtime: string): string => runtimes.find(({ name }) => name === runtime)?.image ?? runtime

/** What every script finds in its environment: one of any language may start one of another. */
export const environment: Readonly<Record<string, string>> = Object.assign(
  {},
  ...providers.map((provider) => provider.environment)
)

const ending = (script: string): string => {
  const name = script.slice(script.lastIndexOf("/") + 1)
  const dot = name.lastIndexOf(".")
  return dot <= 0 ? "" : name.slice(dot).toLowerCase()
}

/** `#!/usr/bin/env -S python3.11 -u` → `python`. */
const namedProgram = (firstLine: string): string => {
  if (!firstLine.startsWith("#!")) return ""
  const words = firstLine.slice(2).trim().split(/\s+/)
  const names = words.map((word) => word.slice(word.lastIndexOf("/") + 1)).filter((word) => !word.startsWith("-"))
  const program = names[0] === "env" ? names[1] : names[0]
  return (program ?? "").replace(/[\d.]+$/, "")
}

const languageOf = ({ firstLine, path }: Script): RuntimeProvider | undefined =>
  providers.find((provider) => provider.endings.includes(ending(path))) ??
    providers.find((provider) => provider.programs.includes(namedProgram(firstLine)))

const familyOf = (name: string): string => name.split(":")[0]!

const families = new Set(runtimes.map(({ name }) => familyOf(name)))

/** Registry, path, tag, digest: the grammar of distribution's `reference` package. */
const reference =
  /^(?:[A-Za-z0-9.-]+(?::\d+)?\/)?[a-z0-9]+(?:(?:\.|__?|-+|\/)[a-z0-9]+)*(?::\w[\w.-]{0,127})?(?:@\w+:[0-9a-f]{32,})?$/

/**
 * Any image may be named, but `python:9.9` and `pyhton:3.11` are meant as runtimes: a tag with a variant, a registry or an
 * owner makes an image of it.
 */
const meansImage = (name: string): boolean => {
  if (!reference.test(name)) return false
  if (/[/@]/.test(name)) return true
  const [family = "", tag] = name.split(":")
  if (tag === undefined) return false
  return families.has(family) ? tag.includes("-") : nearest(family, families) === null
}

/** Families apart weigh more than versions: `pyhton` is nearer to all of python's than to `bash`. */
const unknown = (name: string): RuntimeRefusal => {
  const apart = (known: string) => 100 * distance(familyOf(name), familyOf(known)) + distance(name, known)
  const known = runtimes.map((runtime) => runtime.name).sort((a, b) => apart(a) - apart(b))
  const isMeant = nearest(familyOf(name), families) !== null
  return { _tag: "Unknown", name, nearest: isMeant ? known[0]! : null, known }
}

/** The name to go by and whose it is; an image that nobody here knows is its own name. */
const byName = (asked: string): Result.Result<readonly [string, RuntimeProvider], RuntimeRefusal> => {
  const runtime = runtimes.find(({ image, name }) => name === asked || image === asked)
  const provider = providers.find((one) => one.runtimes.some(({ name }) => name === runtime?.name))
  if (runtime !== undefined && provider !== undefined) return Result.succeed([runtime.name, provider])
  return meansImage(asked) ? Result.succeed([asked, unspoken]) : Result.fail(unknown(asked))
}

/** The runtime a script without a known language gets: one that has the usual programs of a system. */
const common = "bash"

const chosen = (script: Script, asked: string | undefined) => {
  const language = languageOf(script)
  if (asked !== undefined) {
    // The interpreter follows the script, so that any image with `python3` in it runs a `.py`.
    return Result.map(byName(asked), ([name, owner]) => [name, language ?? owner] as const)
  }
  if (language !== undefined) return Result.succeed([language.runtimes[0].name, language] as const)
  return unspoken.interpreter(script, common)?.length === 0
    ? Result.fail<RuntimeRefusal>({ _tag: "Undetected" })
    : Result.succeed([common, unspoken] as const)
}

/** What runs a script; `asked` is the name or image given, if any. */
export const resolve = (script: Script, asked?: string): Result.Result<Resolved, RuntimeRefusal> =>
  Result.flatMap(chosen(script, asked), ([name, provider]): Result.Result<Resolved, RuntimeRefusal> => {
    const interpreter = provider.interpreter(script, name)
    return interpreter === null
      ? Result.fail({ _tag: "Unsuitable", runtime: name, instead: provider.runtimes[0].name })
      : Result.succeed({ name, interpreter, check: (here) => provider.check(here, script, name) })
  })
