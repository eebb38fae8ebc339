/** Imports, search directories and paths that a Python source shows. */
import { dirname, join } from "node:path"
import { above, Expressions, joined, type Token, type Vocabulary } from "../expressions.ts"
import type { Mentions, Source } from "../Language.ts"
import { tokens } from "./lexer.ts"

const first = (args: ReadonlyArray<string>): string | null => args[0] ?? null
const joins = (args: ReadonlyArray<string>): string | null => args.length === 0 ? null : joined(args)
const directory = (args: ReadonlyArray<string>): string | null => args[0] === undefined ? null : dirname(args[0])

const vocabulary = ({ cwd, file }: Source): Vocabulary => ({
  constants: { __file__: file },
  functions: {
    ...Object.fromEntries(["Path", "pathlib.Path", "PurePath", "pathlib.PurePath"].map((name) => [name, joins])),
    ...Object.fromEntries(["os.path.join", "path.join", "osp.join", "join"].map((name) => [name, joins])),
    ...Object.fromEntries(["os.path.dirname", "path.dirname", "osp.dirname", "dirname"].map((name) => [name, directory])),
    ...Object.fromEntries(
      ["abspath", "realpath", "normpath", "expanduser"].flatMap((name) =>
        ["os.path.", "path.", "osp.", ""].map((module) => [module + name, first])
      )
    ),
    str: first,
    "os.fspath": first,
    "os.getcwd": () => cwd,
    "Path.cwd": () => cwd,
    "pathlib.Path.cwd": () => cwd
  },
  members: {
    parent: (value) => dirname(value),
    parents: (value, [index]) => index === undefined ? null : above(value, Number(index) + 1),
    joinpath: (value, args) => joined([value, ...args]),
    glob: (value, [pattern]) => pattern === undefined ? null : join(value, pattern),
    rglob: (value, [pattern]) => pattern === undefined ? null : join(value, "**", pattern),
    ...Object.fromEntries(["resolve", "absolute", "expanduser", "as_posix"].map((name) => [name, (value: string) => value]))
  },
  slashJoins: true
})

const importers = new Set(["import_module", "__import__", "run_module"])

export class PythonReader {
  readonly imports = new Set<string>()
  readonly paths = new Set<string>()
  readonly roots = new Set<string>()
  private readonly all: ReadonlyArray<Token>
  private readonly expressions: Expressions

  constructor(source: Source) {
    this.all = tokens(source.text)
    this.expressions = new Expressions(this.all, vocabulary(source))
  }

  read(): Mentions {
    for (let at = 0; at < this.all.length;) at = this.statement(at) ?? this.expression(at)
    // What is searched for modules is not read as data: of it only what is imported travels.
    const paths = [...this.paths].filter((path) => !this.roots.has(path))
    return { imports: [...this.imports], paths, roots: [...this.roots] }
  }

  private word(at: number): string {
    const token = this.all[at]
    return token?.kind === "name" ? token.text : ""
  }

  private startsStatement(at: number): boolean {
    const before = this.all[at - 1]
    return before === undefined || before.kind === "line" || (before.kind === "op" && /[;:]/.test(before.text))
  }

  /** Index behind an import or an assignment's `=`; null when there is neither. */
  private statement(at: number): number | null {
    if (!this.startsStatement(at)) return null
    if (this.word(at) === "import") return this.importStatement(at + 1)
    if (this.word(at) === "from") return this.fromStatement(at + 1)
    if (this.word(at) === "" || !this.expressions.isOp(at + 1, "=") || this.expressions.isOp(at + 2, "=")) return null
    const value = this.expressions.evaluate(at + 2)
    if (value === null) this.expressions.variables.delete(this.word(at))
    else this.expressions.variables.set(this.word(at), value.value)
    return at + 2
  }

  private dotted(at: number): { readonly name: string; readonly end: number } {
    let end = at
    let name = ""
    while (this.word(end) !== "" || this.expressions.isOp(end, ".")) {
      if (this.word(end) === "import" || (this.word(end) !== "" && this.word(end - 1) !== "" && end > at)) break
      name += this.all[end++]!.text
    }
    return { name, end }
  }

  private importStatement(at: number): number {
    for (let next = at;;) {
      const { end, name } = this.dotted(next)
      if (name !== "") this.imports.add(name)
      const behind = this.word(end) === "as" ? end + 2 : end
      if (!this.expressions.isOp(behind, ",")) return behind
      next = behind + 1
    }
  }

  private fromStatement(at: number): number {
    const { end, name } = this.dotted(at)
    if (name === "" || this.word(end) !== "import") return end
    this.imports.add(name)
    let next = this.expressions.isOp(end + 1, "(") ? end + 2 : end + 1
    while (this.word(next) !== "") {
      this.imports.add(name.endsWith(".") ? name + this.word(next) : `${name}.${this.word(next)}`)
      next += this.word(next + 1) === "as" ? 3 : 1
      if (!this.expressions.isOp(next, ",")) break
      next++
    }
    return next
  }

  private expression(at: number): number {
    const token = this.all[at]!
    if (token.kind === "name") {
      if (importers.has(token.text) && this.expressions.isOp(at + 1, "(")) this.imported(at + 2)
      if (token.text === "sys" && this.word(at + 2) === "path") this.searched(at + 3)
      if (token.text === "addsitedir" && this.expressions.isOp(at + 1, "(")) this.root(at + 2)
    }
    const value = this.expressions.mayBegin(at) ? this.expressions.evaluate(at) : null
    if (value === null) return at + 1
    if (value.value.literal) this.paths.add(value.value.text)
    return value.end
  }

  private imported(at: number): void {
    const value = this.expressions.evaluate(at)?.value.text
    if (value === undefined || !/^[\p{L}_.][\p{L}\p{N}_.]*$/u.test(value)) return
    this.imports.add(value)
    if (this.word(at - 2) === "run_module") this.imports.add(`${value}.__main__`)
  }

  /** `.insert(0, x)`, `.append(x)`, `.extend([x, y])`, `+= [x]`, `= [x] + sys.path`. */
  private searched(at: number): void {
    if (this.word(at + 1) === "insert") this.root(at + 5)
    if (this.word(at + 1) === "append") this.root(at + 3)
    const list = this.word(at + 1) === "extend" ? at + 3 : this.expressions.isOp(at, "+") ? at + 2 : at + 1
    let next = list
    while (this.expressions.isOp(next, "[") || this.expressions.isOp(next, ",")) next = this.root(next + 1)
  }

  private root(at: number): number {
    const value = this.expressions.evaluate(at)
    if (value !== null) this.roots.add(value.value.text)
    return value?.end ?? at
  }
}
