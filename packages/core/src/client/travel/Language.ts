/** What a language tells about a source without running it. One folder for each language. */
import { extname } from "node:path"

export interface Mentions {
  /** As `resolve` of the same language takes them. */
  readonly imports: ReadonlyArray<string>
  /** Paths and patterns in literals. */
  readonly paths: ReadonlyArray<string>
  /** Directories that imports are looked for in, from here on. */
  readonly roots: ReadonlyArray<string>
}

export interface Source {
  readonly text: string
  /** Absolute. */
  readonly file: string
  readonly cwd: string
}

export interface Disk {
  readonly kind: (path: string) => "file" | "directory" | null
  readonly text: (path: string) => string
}

export interface Importing {
  /** Absolute: the importing file. */
  readonly file: string
  readonly cwd: string
  readonly roots: ReadonlyArray<string>
  readonly disk: Disk
}

export interface Language {
  /** Never throws, whatever the text is. */
  readonly read: (source: Source) => Mentions
  /** The files here that an import needs; none for what is installed or built in. */
  readonly resolve: (name: string, importing: Importing) => ReadonlyArray<string>
  /** Files that change how a source is run, such as the `package.json` above it. */
  readonly companions: (file: string, disk: Disk) => ReadonlyArray<string>
}

interface Known {
  readonly endings: ReadonlyArray<string>
  readonly program: RegExp
  readonly load: () => Promise<Language>
}

// Loaded when there is a source of it: `rgrid run hello.sh` waits for no Python.
const languages: ReadonlyArray<Known> = [
  {
    endings: [".py", ".pyw"],
    program: /\bpython[\d.]*\b/,
    load: () => import("./python/python.ts").then(({ python }) => python)
  },
  {
    endings: [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"],
    program: /\b(node|nodejs|tsx|bun|deno)\b/,
    load: () => import("./node/node.ts").then(({ node }) => node)
  },
  {
    endings: [".sh", ".bash", ".zsh"],
    program: /\b(ba|da|z|k)?sh\b/,
    load: () => import("./shell/shell.ts").then(({ shell }) => shell)
  },
  {
    endings: [".rb", ".pl", ".r", ".lua", ".php"],
    program: /./,
    load: () => import("./other/other.ts").then(({ other }) => other)
  }
]

/** Told by the ending, else by the `#!` line. */
export const languageOf = (path: string, firstLine: string): (() => Promise<Language>) | undefined => {
  const ending = extname(path).toLowerCase()
  const known = languages.find(({ endings }) => endings.includes(ending)) ??
    (firstLine.startsWith("#!") ? languages.find(({ program }) => program.test(firstLine)) : undefined)
  return known?.load
}
