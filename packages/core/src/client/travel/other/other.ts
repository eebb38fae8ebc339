/** Any other language: literals between quotes on one line, Ruby's `require_relative`, what is sourced or required by path. */
import { dirname, extname, resolve } from "node:path"
import type { Language, Mentions, Source } from "../Language.ts"

const literal = /\b(require_relative|require|source|include|load)?[ \t]*\(?[ \t]*(?:"([^"\n\\]{1,1024})"|'([^'\n\\]{1,1024})')/g

const read = ({ text }: Source): Mentions => {
  const imports = new Set<string>()
  const paths = new Set<string>()
  for (const line of text.split("\n")) {
    if (/^\s*(#|--|\/\/)/.test(line)) continue
    for (const [, importer, double, single] of line.matchAll(literal)) {
      const target = importer === undefined ? paths : imports
      target.add(double ?? single!)
    }
  }
  return { imports: [...imports], paths: [...paths], roots: [] }
}

export const other: Language = {
  read,
  resolve: (name, { cwd, disk, file }) => {
    const places = [...new Set([resolve(dirname(file), name), resolve(cwd, name)])]
    return places.flatMap((path) => [path, path + extname(file)]).filter((path) => disk.kind(path) === "file")
  },
  companions: () => []
}
