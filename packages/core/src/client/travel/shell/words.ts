/**
 * The words of a shell script that are the same in every run. `$(dirname "$0")` and its like are the script's directory,
 * `$NAME` is what the script set it to; a word with anything else in it is unknown.
 */
import { dirname } from "node:path"

export interface Word {
  /** Null: not to be told. */
  readonly text: string | null
  /** Whether it begins a command. */
  readonly first: boolean
}

const self = String.raw`"?\$\{?(?:0|BASH_SOURCE(?:\[0\])?)\}?"?`
const own = String.raw`\$\(\s*dirname\s+(?:--\s+)?(?:"?\$\(\s*(?:realpath|readlink\s+-f)\s+${self}\s*\)"?|${self})\s*\)`
const entered = String.raw`\$\(\s*(?:unset CDPATH;?\s*)?cd\s+(?:--\s+)?"?${own}((?:/[\w./-]*)?)"?(?:\s*>\s*/dev/null(?:\s+2>&1)?)?\s*&&\s*pwd(?:\s+-P)?\s*\)`

const directories = new RegExp(`${entered}|${own}|\\$\\{(?:0|BASH_SOURCE(?:\\[0\\])?)%/\\*\\}`, "g")

// The script's directory while words are taken apart: no script holds this.
const marker = "\u0000"

const piece =
  /(#[^\n]*)|(\\\n|[ \t\r]+)|(\n|;;?|&&?|\|\|?|[()])|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\$\{?([A-Za-z_]\w*)\}?|([<>]+&?\d*)|\\([\s\S])|([^\s'"$\\;&|()<>`]+)|([\s\S])/y

type Variables = ReadonlyMap<string, string>

const substituted = (text: string, variables: Variables): string | null => {
  let known = true
  const value = text.replace(/\$\{?([A-Za-z_]\w*)\}?/g, (_, name: string) => {
    known &&= variables.has(name)
    return variables.get(name) ?? ""
  }).replace(/\\([$`"\\\n])/g, "$1")
  return known && !/[$`]/.test(value) ? value : null
}

/** A piece of a word as the shell would have it; null when only a run tells. */
const valueOf = (match: RegExpExecArray, variables: Variables): string | null => {
  const [, , , , single, double, name, , escaped, plain] = match
  if (double !== undefined) return substituted(double, variables)
  if (name !== undefined) return variables.get(name) ?? null
  return single ?? escaped ?? plain ?? null
}

export const words = (source: string, file: string): ReadonlyArray<Word> => {
  const text = source.replaceAll(marker, "").replace(directories, (_, below?: string) => `${marker}${below ?? ""}`)
  const variables = new Map<string, string>()
  const all: Array<Word> = []
  let word: string | null | undefined
  let first = true
  const end = () => {
    if (word === undefined) return
    const path = word?.replaceAll(marker, dirname(file)) ?? null
    const set = /^([A-Za-z_]\w*)=([\s\S]*)$/.exec(path ?? "")
    if (first && set !== null) variables.set(set[1]!, set[2]!)
    all.push({ text: set === null ? path : set[2]!, first: first && set === null })
    first &&= set !== null
    word = undefined
  }
  for (let at = 0; at < text.length;) {
    piece.lastIndex = at
    const match = piece.exec(text)!
    const isComment = match[1] !== undefined && word === undefined
    // `#` inside a word is one of its letters.
    const length = match[1] !== undefined && !isComment ? 1 : match[0].length
    at += length
    if (isComment || match[2] !== undefined || match[7] !== undefined) end()
    else if (match[3] !== undefined) {
      end()
      first = true
    } else {
      const value = match[1] === undefined ? valueOf(match, variables) : "#"
      word = word === null || value === null ? null : (word ?? "") + value
    }
  }
  end()
  return all
}
