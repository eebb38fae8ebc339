/** Modules and packages that are not there. */
import type { Cause } from "./Cause.ts"
import { nearestFile } from "./nearestFile.ts"
import { nodePackage, pythonPackage } from "./packages.ts"
import { lastMatch, line, type Words } from "./words.ts"

const python = /(?:^|: )No module named '?([\w.]{1,200})'?/
const node = /^Cannot find (?:module|package) '([^']{1,500})'/

/** A module `a.b` is the file a.py or a/b.py; it travelled, yet under another name. */
const similar = (module: string, files: ReadonlyArray<string>): string | null =>
  nearestFile(`${module.split(".")[0]}.py`, files.filter((file) => file.endsWith(".py")))

const ofPython = ({ about }: Words, module: string, root: string): Cause => ({
  _tag: "ModuleMissing",
  root: line(root),
  language: "python",
  module: line(module),
  package: line(pythonPackage(module)),
  nearest: similar(module, about.files)
})

const ofNode = ({ about }: Words, module: string, root: string): Cause => {
  const name = nodePackage(module)
  return {
    _tag: "ModuleMissing",
    root: line(root),
    language: "node",
    module: line(module),
    package: name === null ? null : line(name),
    nearest: name === null ? nearestFile(module, about.files) : null
  }
}

export const modules = (words: Words): Cause | null => {
  const { thrown } = words
  if (thrown === null) {
    // `python -m module` says it without a traceback.
    const match = lastMatch(words, /^\S{1,500}python[\d.]{0,10}: (No module named '?[\w.]{1,200}'?)/)
    const module = match === null ? null : python.exec(match[1]!)
    return match === null || module === null ? null : ofPython(words, module[1]!, match[1]!)
  }
  const match = (thrown.language === "python" ? python : node).exec(thrown.message)
  if (match === null) return null
  if (thrown.language === "node") return ofNode(words, match[1]!, thrown.root)
  return /^(?:ModuleNotFound|Import)Error$/.test(thrown.type) ? ofPython(words, match[1]!, thrown.root) : null
}
