/** The lines of a requirements file, as far as they lead to something here. All else stays as it is written. */

export type Line =
  /** Comments, options, packages of an index. `counts`: it is a package. */
  | { readonly _tag: "Written"; readonly text: string; readonly counts: boolean }
  | { readonly _tag: "Include"; readonly option: "-r" | "-c"; readonly target: string }
  /** A directory or page of archives. */
  | { readonly _tag: "Links"; readonly text: string; readonly target: string }
  | { readonly _tag: "Local"; readonly reference: Reference }

/** A requirement that is a path here: what it leads to, `[extras]`, and what stands behind it (markers, hashes). */
export interface Reference {
  readonly target: string
  readonly extras: string
  readonly rest: string
}

export const isArchive = (path: string): boolean => /\.(?:whl|zip|tgz|tar\.(?:gz|bz2|xz))$/i.test(path)

export const isAddress = (text: string): boolean => /^[a-z][a-z0-9+.-]*:/i.test(text)

/** As pip joins them: a line that ends in a backslash goes on in the next. */
const joined = (text: string): ReadonlyArray<string> => {
  const lines: Array<string> = []
  let open = false
  for (const line of text.split(/\r\n|\r|\n/)) {
    if (open) lines.push(`${lines.pop()!}\n${line}`)
    else lines.push(line)
    open = line.endsWith("\\") && !/^\s*#/.test(line)
  }
  return lines
}

const isLocalPath = (target: string): boolean =>
  /^file:/i.test(target) ||
  (!isAddress(target) && (/^\.{1,2}$|\//.test(target) || (isArchive(target) && !/[=<>!]/.test(target))))

/** Null for what an index or an address has. */
export const localReference = (requirement: string): Reference | null => {
  const direct = /^[A-Za-z0-9][\w.-]*\s*(\[[^\]]*\])?\s*@\s*(.*)$/s.exec(requirement)
  const [, word = "", rest = ""] = /^([^\s;]*)(.*)$/s.exec(direct?.[2] ?? requirement) ?? []
  const [, target = "", extras = ""] = /^(.*?)(\[[^\]]*\])?$/s.exec(word) ?? []
  const isLocal = direct === null ? isLocalPath(target) : target !== "" && (/^file:/i.test(target) || !isAddress(target))
  return isLocal ? { target, extras: direct?.[1] ?? extras, rest } : null
}

const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, "$2")

const option = (text: string): readonly [name: string, value: string] | null => {
  const [, long, longValue] = /^(--[a-z-]+)(?:\s*=\s*|\s+)(.*)$/s.exec(text) ?? []
  if (long !== undefined) return [long, unquoted(longValue!)]
  const [, short, value] = /^(-[a-zA-Z])\s*=?\s*(.*)$/s.exec(text) ?? []
  return short === undefined ? null : [short, unquoted(value!)]
}

const lineOf = (text: string): Line => {
  const bare = text.replace(/\\\n/g, " ").replace(/(^|\s)#.*$/gm, "").trim()
  const [name, value] = bare.startsWith("-") ? option(bare) ?? [bare, ""] : ["", bare]
  switch (name) {
    case "-r":
    case "--requirement":
      return { _tag: "Include", option: "-r", target: value }
    case "-c":
    case "--constraint":
      return { _tag: "Include", option: "-c", target: value }
    case "-f":
    case "--find-links":
      return { _tag: "Links", text, target: value }
    case "-e":
    case "--editable":
    case "": {
      const reference = localReference(value)
      return reference === null ? { _tag: "Written", text, counts: value !== "" } : { _tag: "Local", reference }
    }
    default:
      return { _tag: "Written", text, counts: false }
  }
}

export const linesOf = (text: string): ReadonlyArray<Line> => joined(text).map(lineOf)
