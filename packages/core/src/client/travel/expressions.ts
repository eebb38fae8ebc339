/**
 * Values of the expressions that paths are made of: literals, `join`s, a directory of this file, names that were given
 * such a value. What can't be told without running the program has no value.
 */
import { dirname, join } from "node:path"

export interface Token {
  readonly kind: "name" | "string" | "op" | "line" | "opaque"
  readonly text: string
}

export interface Value {
  readonly text: string
  /** Whether a literal is part of it: `dirname(__file__)` alone names nothing. */
  readonly literal: boolean
}

export interface Vocabulary {
  readonly constants: Readonly<Record<string, string>>
  /** Null: no path can be told. */
  readonly functions: Readonly<Record<string, (args: ReadonlyArray<string>) => string | null>>
  /** What `.name(…)`, `.name` or `.name[0]` makes of a value. */
  readonly members: Readonly<Record<string, (value: string, args: ReadonlyArray<string>) => string | null>>
  /** Whether `/` joins. */
  readonly slashJoins: boolean
}

export interface Evaluated {
  readonly value: Value
  /** Index of the token behind it. */
  readonly end: number
}

// Deeper nesting has no value; it would only cost time.
const maxDepth = 24

export class Expressions {
  readonly variables = new Map<string, Value>()
  private readonly tokens: ReadonlyArray<Token>
  private readonly vocabulary: Vocabulary

  constructor(tokens: ReadonlyArray<Token>, vocabulary: Vocabulary) {
    this.tokens = tokens
    this.vocabulary = vocabulary
  }

  isOp(at: number, text: string): boolean {
    const token = this.tokens[at]
    return token?.kind === "op" && token.text === text
  }

  /** Whether an expression may begin here: not behind the `.` of another, nor at the `(` of a call. */
  mayBegin(at: number): boolean {
    if (this.isOp(at - 1, ".")) return false
    const before = this.tokens[at - 1]
    return !this.isOp(at, "(") || (before?.kind !== "name" && !this.isOp(at - 1, ")") && !this.isOp(at - 1, "]"))
  }

  /** The longest expression from `at` on that has a value. */
  evaluate(at: number, depth = 0): Evaluated | null {
    if (depth > maxDepth) return null
    let left = this.postfixed(at, depth)
    while (left !== null) {
      const joins = this.vocabulary.slashJoins && this.isOp(left.end, "/")
      if (!joins && !this.isOp(left.end, "+")) return left
      const right = this.postfixed(left.end + 1, depth + 1)
      if (right === null) return left
      const text = joins ? joined([left.value.text, right.value.text]) : left.value.text + right.value.text
      left = { value: { text, literal: left.value.literal || right.value.literal }, end: right.end }
    }
    return null
  }

  /** Arguments from behind `(`: values of as many as have one, and the index behind `)`. Null when one has none. */
  arguments(at: number, depth: number): { readonly values: ReadonlyArray<Value>; readonly end: number } | null {
    const values: Array<Value> = []
    let next = at
    while (!this.isOp(next, ")")) {
      const one = this.evaluate(next, depth + 1)
      if (one === null || !(this.isOp(one.end, ",") || this.isOp(one.end, ")"))) return null
      values.push(one.value)
      next = this.isOp(one.end, ",") ? one.end + 1 : one.end
    }
    return { values, end: next + 1 }
  }

  private postfixed(at: number, depth: number): Evaluated | null {
    let value = this.primary(at, depth)
    while (value !== null && this.isOp(value.end, ".")) {
      const next = this.member(value, depth)
      if (next === null) return value
      value = next
    }
    return value
  }

  private member({ end, value }: Evaluated, depth: number): Evaluated | null {
    const name = this.tokens[end + 1]
    const apply = name?.kind === "name" ? own(this.vocabulary.members, name.text) : undefined
    if (apply === undefined) return null
    if (this.isOp(end + 2, "[") && this.isOp(end + 4, "]")) {
      const text = apply(value.text, [this.tokens[end + 3]!.text])
      return text === null ? null : { value: { ...value, text }, end: end + 5 }
    }
    const called = this.isOp(end + 2, "(") ? this.arguments(end + 3, depth) : null
    if (called === null && this.isOp(end + 2, "(")) return null
    const text = apply(value.text, called?.values.map((one) => one.text) ?? [])
    if (text === null) return null
    const literal = value.literal || called?.values.some((one) => one.literal) === true
    return { value: { text, literal }, end: called?.end ?? end + 2 }
  }

  private primary(at: number, depth: number): Evaluated | null {
    const token = this.tokens[at]
    if (token?.kind === "string") return this.strings(at)
    if (token?.kind === "name") return this.named(at, depth)
    if (!this.isOp(at, "(") || depth >= maxDepth) return null
    const inner = this.evaluate(at + 1, depth + 1)
    return inner !== null && this.isOp(inner.end, ")") ? { ...inner, end: inner.end + 1 } : null
  }

  /** Strings side by side are one. */
  private strings(at: number): Evaluated {
    let end = at
    let text = ""
    while (this.tokens[end]?.kind === "string") text += this.tokens[end++]!.text
    return { value: { text, literal: text !== "" }, end }
  }

  private named(at: number, depth: number): Evaluated | null {
    const names = [this.tokens[at]!.text]
    let last = at
    while (names.length < 6 && this.isOp(last + 1, ".") && this.tokens[last + 2]?.kind === "name") {
      last += 2
      names.push(this.tokens[last]!.text)
    }
    for (let count = names.length; count > 0; count--, last -= 2) {
      const found = this.known(names.slice(0, count).join("."), last + 1, depth)
      if (found !== null) return found
    }
    return null
  }

  private known(name: string, end: number, depth: number): Evaluated | null {
    const apply = own(this.vocabulary.functions, name)
    if (apply !== undefined && this.isOp(end, "(")) {
      const called = this.arguments(end + 1, depth)
      const text = called === null ? null : apply(called.values.map((value) => value.text))
      return text === null ? null : { value: { text, literal: called!.values.some((one) => one.literal) }, end: called!.end }
    }
    const constant = own(this.vocabulary.constants, name)
    if (constant !== undefined) return { value: { text: constant, literal: false }, end }
    const variable = this.variables.get(name)
    return variable === undefined ? null : { value: variable, end }
  }
}

const own = <A>(record: Readonly<Record<string, A>>, name: string): A | undefined =>
  Object.hasOwn(record, name) ? record[name] : undefined

/** `join` as Python's and pathlib's: an absolute part begins anew. */
export const joined = (parts: ReadonlyArray<string>): string =>
  parts.reduce((path, part) => part.startsWith("/") || path === "" ? part : join(path, part), "")

/** The directory of a path, `times` times. */
export const above = (path: string, times: number): string => {
  let directory = path
  for (let left = times; left > 0 && dirname(directory) !== directory; left--) directory = dirname(directory)
  return directory
}
