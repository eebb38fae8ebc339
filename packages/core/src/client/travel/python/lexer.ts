/** Python's tokens as far as paths and imports need them. Takes any text: what is malformed ends with its line. */
import type { Token } from "../expressions.ts"

// All beyond ASCII counts as letters: compiling Unicode's classes takes longer than most scripts.
const name = /[A-Za-z_\u0080-\uffff][\w\u0080-\uffff]*/y
const blank = /[ \t\f\r]+|\\\r?\n|#[^\n]*|\d[\w.]*/y
const prefix = /([rbuft]{0,2})('''|"""|'|")/iy

const escapes: Readonly<Record<string, string>> = { n: "\n", t: "\t", r: "\r", "\n": "", "0": "\0" }

const unescaped = (text: string): string =>
  text.replace(/\\(?:x([\da-f]{2})|u([\da-f]{4})|([\s\S]))/gi, (_, two?: string, four?: string, char?: string) => {
    const code = two ?? four
    if (code !== undefined) return String.fromCharCode(Number.parseInt(code, 16))
    // Python keeps the backslash of an escape it doesn't know.
    return escapes[char!] ?? (/['"\\]/.test(char!) ? char! : `\\${char}`)
  })

/** Index of the closing quote; of the line's or text's end when there is none. */
const closing = (text: string, from: number, quote: string): number => {
  for (let at = from; at < text.length; at++) {
    const char = text[at]
    if (char === "\\") at++
    else if (char === quote[0] && text.startsWith(quote, at)) return at
    else if (char === "\n" && quote.length === 1) return at
  }
  return text.length
}

const stringToken = (flags: string, content: string): Token => {
  if (/[bt]/i.test(flags)) return { kind: "opaque", text: "" }
  if (/f/i.test(flags) && /[{}]/.test(content)) return { kind: "opaque", text: "" }
  return { kind: "string", text: /r/i.test(flags) || !content.includes("\\") ? content : unescaped(content) }
}

const match = (pattern: RegExp, text: string, at: number): RegExpExecArray | null => {
  pattern.lastIndex = at
  return pattern.exec(text)
}

export const tokens = (text: string): ReadonlyArray<Token> => {
  const all: Array<Token> = []
  let open = 0
  for (let at = 0; at < text.length;) {
    const char = text[at]!
    const skipped = match(blank, text, at)
    if (skipped !== null) {
      // A number stands between two things; as nothing it would join them.
      if (/\d/.test(char)) all.push({ kind: "opaque", text: skipped[0] })
      at += skipped[0].length
      continue
    }
    const string = match(prefix, text, at)
    if (string !== null) {
      const start = at + string[0].length
      const end = closing(text, start, string[2]!)
      all.push(stringToken(string[1]!, text.slice(start, end)))
      at = text.startsWith(string[2]!, end) ? end + string[2]!.length : end
      continue
    }
    const word = match(name, text, at)
    if (word !== null) {
      all.push({ kind: "name", text: word[0] })
      at += word[0].length
      continue
    }
    if (char === "\n" ? open === 0 : false) all.push({ kind: "line", text: "" })
    else if (char !== "\n") all.push({ kind: "op", text: char })
    if ("([{".includes(char)) open++
    if (")]}".includes(char)) open = Math.max(0, open - 1)
    at++
  }
  return all
}
