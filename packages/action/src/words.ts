/** Words as a shell splits them: blanks between them, quotes and `\` keep them together. Nothing is expanded. */

const piece = /\s+|'([^']*)'|"((?:[^"\\]|\\[\s\S])*)"|\\([\s\S])|([^\s'"\\]+)/y

/** Null where a quote is left open. */
export const words = (text: string): ReadonlyArray<string> | null => {
  const all: Array<string> = []
  let word: string | null = null
  for (let at = 0; at < text.length; at = piece.lastIndex) {
    piece.lastIndex = at
    const match = piece.exec(text)
    if (match === null) return null
    const [, single, double, escaped, plain] = match
    const part = single ?? double?.replace(/\\([$`"\\])/g, "$1") ?? escaped ?? plain
    if (part !== undefined) word = (word ?? "") + part
    else if (word !== null) {
      all.push(word)
      word = null
    }
  }
  return word === null ? all : [...all, word]
}
