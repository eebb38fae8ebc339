/** A posted batch: a line of JSON for what all items share, then one each. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { BatchHead, BatchItem } from "../../domain/Batch.ts"
import { executionIds } from "../../domain/Id.ts"
import type { NumberedItem } from "../../ports/BatchStore.ts"
import { InvalidJob, isConsistent } from "../submit.ts"

const decoder = new TextDecoder("utf-8")

const newline = 0x0a

/** Lines of bytes that are all there, made into text one at a time. */
function* linesOf(bytes: Uint8Array, from: number): Generator<string> {
  for (let start = from; start < bytes.length;) {
    const found = bytes.indexOf(newline, start)
    const end = found < 0 ? bytes.length : found
    if (end > start) yield decoder.decode(bytes.subarray(start, end))
    start = end + 1
  }
}

const decodeHead = Schema.decodeUnknownEffect(Schema.fromJsonString(BatchHead))
const decodeItem = Schema.decodeUnknownEffect(Schema.fromJsonString(BatchItem))

const invalid = (line: number, detail: string) => new InvalidJob({ detail: `line ${line}: ${detail}` })

const firstOf = (error: Schema.SchemaError): string => error.message.split("\n").slice(0, 3).join(" ")

const contradiction = ({ args, files }: BatchItem): string | null => {
  if (args.some((arg) => arg.includes("\0"))) return "an argument holds a zero byte"
  if (new Set(files.map(({ path }) => path)).size < files.length) return "two files stand at the same path"
  return files.every(({ content }) => isConsistent(content)) ? null : "a file's parts do not add up to its size"
}

/** Two names that differ in their case alone are one on many disks. */
const checked = (head: BatchHead) => {
  const names = new Set<string>()
  return Effect.fnUntraced(function*(item: BatchItem, line: number) {
    const detail = contradiction(item)
    if (detail !== null) return yield* invalid(line, detail)
    const name = item.name.toLowerCase()
    if (names.has(name)) return yield* invalid(line, `the name ${item.name} is another item's`)
    names.add(name)
    if (names.size > head.items) return yield* invalid(line, `it says ${head.items} items, and more follow`)
    return item
  })
}

/** The head is read at once; of the items each as it is asked for. What was cut off is refused at its end. */
export const parse = Effect.fnUntraced(function*(body: Uint8Array, millis: number) {
  const end = body.indexOf(newline)
  const head = yield* decodeHead(decoder.decode(end < 0 ? body : body.subarray(0, end))).pipe(
    Effect.mapError((error) => invalid(1, firstOf(error)))
  )
  const check = checked(head)
  const nextId = executionIds(millis)
  let line = 1
  const items = Stream.fromIterable(linesOf(body, end < 0 ? body.length : end + 1), { chunkSize: 1000 }).pipe(
    Stream.mapEffect((text) => {
      const at = ++line
      return decodeItem(text).pipe(
        Effect.mapError((error) => invalid(at, firstOf(error))),
        Effect.flatMap((item) => check(item, at)),
        Effect.map((item): NumberedItem => ({ ...item, execution: nextId() }))
      )
    }),
    Stream.concat(Stream.unwrap(Effect.suspend(() =>
      line - 1 === head.items
        ? Effect.succeed(Stream.empty)
        : Effect.fail(invalid(line + 1, `it says ${head.items} items, and ${line - 1} came`))
    )))
  )
  return { head, items }
})
