/** Imports and paths that a JavaScript or TypeScript source shows. */
import jsTokens from "js-tokens"
import { dirname, resolve } from "node:path"
import { Expressions, joined, type Token, type Vocabulary } from "../expressions.ts"
import type { Mentions, Source } from "../Language.ts"

const skipped = new Set(["WhiteSpace", "MultiLineComment", "SingleLineComment", "HashbangComment", "LineTerminatorSequence"])

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "", "0": "\0" }

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|([\s\S]))/gi, (_, two?: string, four?: string, char?: string) => {
    const code = two ?? four
    return code === undefined ? escapes[char!] ?? char! : String.fromCharCode(Number.parseInt(code, 16))
  })

const kinds: Readonly<Record<string, Token["kind"]>> = { IdentifierName: "name", Punctuator: "op" }

export const tokens = (text: string): ReadonlyArray<Token> => {
  const all: Array<Token> = []
  for (const token of jsTokens(text)) {
    if (skipped.has(token.type)) continue
    if (token.type === "StringLiteral" || token.type === "NoSubstitutionTemplate") {
      all.push({ kind: "string", text: unescaped(token.value.slice(1, token.closed ? -1 : undefined)) })
    } else all.push({ kind: kinds[token.type] ?? "opaque", text: token.value })
  }
  return all
}

const joins = (args: ReadonlyArray<string>): string | null => args.length === 0 ? null : joined(args)

const vocabulary = ({ cwd, file }: Source): Vocabulary => {
  const here = dirname(file)
  const first = (args: ReadonlyArray<string>) => args[0] ?? null
  const directory = (args: ReadonlyArray<string>) => args[0] === undefined ? null : dirname(args[0])
  return {
    constants: {
      __dirname: here,
      __filename: file,
      "import.meta.dirname": here,
      "import.meta.filename": file,
      "import.meta.url": file
    },
    functions: {
      ...Object.fromEntries(["path.join", "join", "posix.join"].map((name) => [name, joins])),
      // From its first argument on: `resolve("data", "x")` starts in the working directory.
      ...Object.fromEntries(["path.resolve", "resolve"].map((name) => [name, joins])),
      ...Object.fromEntries(["path.dirname", "dirname"].map((name) => [name, directory])),
      ...Object.fromEntries(["fileURLToPath", "url.fileURLToPath", "String", "path.normalize"].map((name) => [name, first])),
      URL: ([path, base]) => path === undefined || base === undefined ? null : resolve(dirname(base), path),
      "process.cwd": () => cwd
    },
    members: { pathname: (value) => value, href: (value) => value },
    slashJoins: false
  }
}

/** Which literals are specifiers: those behind `from`, `import`, `import(` and `require(`. */
const isSpecifier = (all: ReadonlyArray<Token>, at: number): boolean => {
  const before = all[at - 1]
  if (before?.kind === "name") return before.text === "from" || before.text === "import"
  const callee = before?.text === "(" ? all[at - 2] : undefined
  const name = callee?.text === "resolve" && all[at - 3]?.text === "." ? all[at - 4]?.text : callee?.text
  return callee?.kind === "name" && (name === "require" || name === "import" || (callee.text === "resolve" && name === "meta"))
}

const assigned = (all: ReadonlyArray<Token>, expressions: Expressions, at: number): void => {
  const name = all[at + 1]
  if (!/^(const|let|var)$/.test(all[at]!.text) || name?.kind !== "name" || !expressions.isOp(at + 2, "=")) return
  const value = expressions.evaluate(expressions.isOp(at + 3, "new") ? at + 4 : at + 3)
  if (value !== null) expressions.variables.set(name.text, value.value)
}

export const read = (source: Source): Mentions => {
  const all = tokens(source.text)
  const expressions = new Expressions(all, vocabulary(source))
  const imports = new Set<string>()
  const paths = new Set<string>()
  for (let at = 0; at < all.length;) {
    if (all[at]!.kind === "name") assigned(all, expressions, at)
    if (all[at]!.kind === "string" && isSpecifier(all, at)) {
      imports.add(all[at++]!.text)
      continue
    }
    const value = expressions.mayBegin(at) ? expressions.evaluate(at) : null
    if (value?.value.literal === true) paths.add(value.value.text)
    at = value?.end ?? at + 1
  }
  return { imports: [...imports], paths: [...paths], roots: [] }
}
