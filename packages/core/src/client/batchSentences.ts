/** What stops a batch before it starts, in words. */
import type { BatchError, BatchListRefused, BatchPatternUnmatched, ReplacementUnknown } from "./errors.ts"
import type { Sentence } from "./sentences.ts"

const listName = (path: string): string => path === "-" ? "stdin" : path

const pattern = ({ missing, nearest, pattern }: BatchPatternUnmatched): Sentence => ({
  what: pattern === "" ? "--batch has an empty pattern." : `--batch ${pattern} matches no file.`,
  why: missing === null ? "" : `There is no directory ${missing}.`,
  fix: nearest === null
    ? "Write it relative to the current directory and in quotes; values that are no files can be listed: --batch-from FILE."
    : `Did you mean ${nearest}?`
})

const list = ({ detail, line, path, reason }: BatchListRefused): Sentence => {
  const from = listName(path)
  if (reason === "unreadable") return { what: `--batch-from ${path} can't be read.`, why: `${detail}.`, fix: "Check its name." }
  return {
    what: line === null ? `${from} is no list of items.` : `Line ${line} of ${from} can't be read.`,
    why: `${detail}.`,
    fix: "Mend it; .csv and .tsv begin with a line of names, .jsonl has an object a line, others an item a line."
  }
}

const shown = (columns: ReadonlyArray<string>): string => columns.map((name) => `{${name}}`).join(" ")

const replacement = ({ column, known, nearest }: ReplacementUnknown): Sentence => ({
  what: column === null ? "No argument says where the item's columns go." : `The list has no column {${column}}.`,
  why: `Its columns are ${shown(known)}.`,
  fix: nearest === null ? `Name them in the arguments, like --value={${known[0] ?? "name"}}.` : `Did you mean {${nearest}}?`
})

export const batchSentence = (error: BatchError): Sentence => {
  switch (error._tag) {
    case "BatchEmpty":
      return {
        what: "The batch has no items.",
        why: error.from === null ? "" : `${listName(error.from)} lists none.`,
        fix: "Name them: --batch 'data/*.csv', or --batch-from FILE with one a line."
      }
    case "BatchTooLarge":
      return { what: `A batch has at most ${error.most.toLocaleString("en")} items.`, why: "", fix: "Make several of it." }
    case "BatchPatternUnmatched":
      return pattern(error)
    case "BatchListRefused":
      return list(error)
    case "ReplacementUnknown":
      return replacement(error)
  }
}
