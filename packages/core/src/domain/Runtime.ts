/** Runtimes: what a name or a script stands for. Adding a language is adding one entry to `runtimes`. */
import * as Result from "effect/Result"
import { nearest } from "./nearest.ts"

export interface Runtime {
  /** The name people type. */
  readonly name: string
  /** Image reference as a registry knows it. */
  readonly image: string
  /** What a script of this runtime is handed to; empty: the script is executed itself. */
  readonly interpreter: ReadonlyArray<string>
}

interface Language {
  readonly endings: ReadonlyArray<string>
  /** Programs that a `#!` line may name, without directory and version. */
  readonly programs: ReadonlyArray<string>
  readonly interpreter: ReadonlyArray<string>
  /** Known runtimes, default first. */
  readonly runtimes: Readonly<Record<string, string>>
}

const python: Language = {
  endings: [".py"],
  programs: ["python", "python3"],
  interpreter: ["python3"],
  runtimes: {
    "python:3.11": "python:3.11-slim",
    "python:3.10": "python:3.10-slim",
    "python:3.12": "python:3.12-slim",
    "python:3.13": "python:3.13-slim"
  }
}

const node: Language = {
  endings: [".js", ".mjs", ".cjs", ".ts", ".mts"],
  programs: ["node", "nodejs"],
  interpreter: ["node"],
  runtimes: { "node:24": "node:24-slim", "node:22": "node:22-slim", "node:20": "node:20-slim" }
}

const bash: Language = {
  endings: [".sh", ".bash"],
  programs: ["bash", "sh"],
  interpreter: ["bash"],
  runtimes: { bash: "debian:bookworm-slim" }
}

const languages: ReadonlyArray<Language> = [python, node, bash]

export const defaultRuntime = "python:3.11"

/** Every known runtime, the default first. */
export const runtimes: ReadonlyArray<Runtime> = languages.flatMap((language) =>
  Object.entries(language.runtimes).map(([name, image]) => ({ name, image, interpreter: language.interpreter }))
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

const languageOf = (script: string, firstLine: string): Language | undefined =>
  languages.find((language) => language.endings.includes(ending(script))) ??
    languages.find((language) => language.programs.includes(namedProgram(firstLine)))

export type RuntimeRefusal =
  /** Neither ending nor `#!` line tells what runs it. */
  | { readonly _tag: "Undetected" }
  /** Looks like a runtime's name, but is none; `nearest` may be meant. */
  | { readonly _tag: "Unknown"; readonly name: string; readonly known: ReadonlyArray<string> }

const families = new Set(runtimes.map((runtime) => runtime.name.split(":")[0]!))

/**
 * Any image may be named, but `python:9.9` and `pyhton:3.11` are meant as runtimes: a tag with a variant, a registry or an
 * owner makes an image of it.
 */
const meansImage = (name: string): boolean => {
  if (/[/@]/.test(name)) return true
  const [family = "", tag] = name.split(":")
  if (tag === undefined) return false
  return families.has(family) ? tag.includes("-") : nearest(family, families) === null
}

const byName = (name: string): Result.Result<Runtime, RuntimeRefusal> => {
  const known = runtimes.find((runtime) => runtime.name === name || runtime.image === name)
  if (known !== undefined) return Result.succeed(known)
  if (meansImage(name)) return Result.succeed({ name, image: name, interpreter: [] })
  return Result.fail({ _tag: "Unknown", name, known: runtimes.map((runtime) => runtime.name) })
}

/**
 * The runtime for a script. `asked` is the name or image given, if any; the interpreter always follows the script, so
 * that any image with `python3` in it runs a `.py`.
 */
export const resolve = (
  script: string,
  firstLine: string,
  asked?: string
): Result.Result<Runtime, RuntimeRefusal> => {
  const language = languageOf(script, firstLine)
  if (asked !== undefined) {
    return Result.map(byName(asked), (runtime) => ({
      ...runtime,
      interpreter: language?.interpreter ?? runtime.interpreter
    }))
  }
  if (language === undefined) return Result.fail({ _tag: "Undetected" })
  const [name, image] = Object.entries(language.runtimes)[0]!
  return Result.succeed({ name, image, interpreter: language.interpreter })
}

/** The image a spec's `runtime` stands for. */
export const imageOf = (runtime: string): string =>
  runtimes.find((known) => known.name === runtime)?.image ?? runtime
