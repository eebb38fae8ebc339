/** Whose way of declaring dependencies a script follows. */
import { extname } from "node:path"

const languages = {
  python: { endings: [".py", ".pyw"], program: /\b(?:python[\d.]*|uv)\b/ },
  node: { endings: [".js", ".mjs", ".cjs", ".ts", ".mts", ".cts", ".jsx", ".tsx"], program: /\b(?:node|nodejs|tsx|bun)\b/ }
} as const

type Language = keyof typeof languages

/** Told by the ending, else by the `#!` line. */
export const languageOf = (path: string, source: string): Language | undefined => {
  const ending = extname(path).toLowerCase()
  const firstLine = source.slice(0, 512).split("\n", 1)[0]!
  const known = Object.entries(languages) as ReadonlyArray<[Language, typeof languages[Language]]>
  const byEnding = known.find(([, { endings }]) => endings.some((one) => one === ending))
  const byProgram = ending === "" && firstLine.startsWith("#!")
    ? known.find(([, { program }]) => program.test(firstLine))
    : undefined
  return (byEnding ?? byProgram)?.[0]
}
