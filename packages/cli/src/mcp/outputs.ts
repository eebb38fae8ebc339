import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { resolve } from "node:path"
import type { OutputList } from "rgrid/api/Executions"
import { isPassing } from "rgrid/api/isPassing"
import { remarks } from "rgrid/client/broughtBackSentences"
import { GridRefused } from "rgrid/client/errors"
import * as executions from "rgrid/client/executions"
import { getPart } from "rgrid/client/getPart"
import { GridClient } from "rgrid/client/GridClient"
import type { Execution, Output } from "rgrid/domain/Execution"
import { nearest } from "rgrid/domain/nearest"
import { downloaded } from "../downloaded.ts"
import { BadInput } from "../input.ts"
import { plain, size } from "../output/format.ts"
import { head, mostBytes } from "./bounds.ts"
import { bounded, lines } from "./executionWords.ts"
import { id } from "./reading.ts"
import { tool } from "./tool.ts"

const usual = 32 * 1024
const mostListed = 200

const input = Schema.Struct({
  id,
  path: Schema.optionalKey(
    Schema.String.annotate({ description: "Read this one, if it is text; default: list them all." })
  ),
  directory: Schema.optionalKey(
    Schema.String.annotate({ description: "Write them all below this directory of this machine instead." })
  ),
  maxBytes: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: mostBytes })).annotate({
      description: `Of the text, default ${usual}, at most ${mostBytes}.`
    })
  )
})

const lineOf = ({ content, path, type }: Output): string =>
  type === "directory" ? `${plain(path)}/` : `${plain(path)} (${size(content?.size ?? 0)})`

const listed = (execution: Execution, { manifest: { outputs } }: OutputList) => {
  const shown = outputs.slice(0, mostListed)
  const more = outputs.length - shown.length
  const none = execution.endedAt === null ? "None yet: it has not ended." : "It made no files."
  return {
    text: outputs.length === 0 ? none : lines(...shown.map(lineOf), more === 0 ? "" : `and ${more} more`),
    data: {
      id: execution.id,
      count: outputs.length,
      outputs: shown.map(({ content, path, type }) => ({ path, type, bytes: content?.size ?? 0 }))
    }
  }
}

const missing = (path: string, { manifest: { outputs } }: OutputList) => {
  const meant = nearest(path, outputs.map((output) => output.path), 3)
  return new BadInput({
    what: `The script made no file ${path}.`,
    fix: meant === null ? "Leave path out: then all of them are listed." : `Did you mean ${meant}?`
  })
}

/** The beginning of a file: no more parts of it are fetched than are read. */
const beginning = Effect.fnUntraced(function*({ parts }: OutputList, { content }: Output, most: number) {
  const grid = yield* GridClient
  const [first] = content?.parts ?? []
  const link = first === undefined ? undefined : parts[first]
  if (first === undefined || link === undefined) return new Uint8Array(0)
  let left = most + 4
  const chunks = yield* getPart(grid, link, first).pipe(
    Stream.takeUntil((chunk) => (left -= chunk.length) <= 0),
    Stream.runCollect,
    Effect.catchTag(
      "Answered",
      ({ status }) => {
        // 403: the link has expired; asked again, the grid gives a new one.
        const passes = status === 403 || isPassing(status)
        return Effect.fail(
          new GridRefused({ detail: `the link to the bytes answered ${status}`, ...(passes ? { passing: true } : {}) })
        )
      }
    )
  )
  return Buffer.concat([...chunks])
})

const read = Effect.fnUntraced(function*(id: string, list: OutputList, path: string, most: number) {
  const output = list.manifest.outputs.find((one) => one.path === path && one.type === "file")
  if (output === undefined) return yield* missing(path, list)
  const bytes = yield* beginning(list, output, most)
  if (bytes.includes(0)) {
    return yield* new BadInput({
      what: `${path} is no text (${size(output.content?.size ?? 0)}).`,
      fix: "Give directory: then it is written there with the others."
    })
  }
  const { bytes: shown, text, totalBytes, truncated } = head(bytes, most, output.content?.size ?? 0)
  const note = truncated ? `\n[the first ${shown} of ${totalBytes} bytes]` : ""
  return { text: totalBytes === 0 ? "It is empty." : text + note, data: { id, path, text, totalBytes, truncated } }
})

const written = Effect.fnUntraced(function*(execution: Execution, given: string, outputs: OutputList) {
  const directory = resolve(given)
  const brought = yield* downloaded(execution, directory, outputs)
  const all = brought.written.slice(0, mostListed)
  return {
    text: lines(
      `${brought.written.length} written below ${directory}.`,
      ...all.map(({ bytes, path }) => `${plain(path)} (${size(bytes)})`),
      ...remarks(brought)
    ),
    data: { id: execution.id, count: brought.written.length, ...bounded(brought, mostListed) }
  }
})

export const outputs = tool({
  name: "outputs",
  title: "What a script made",
  description: "List the files an execution made, read one that is text, or write them all to a directory here.",
  input,
  destructive: true,
  handle: Effect.fnUntraced(function*({ directory, id, maxBytes = usual, path }) {
    if (directory !== undefined && path !== undefined) {
      return yield* new BadInput({ what: "path and directory are one too many.", fix: "Leave one out." })
    }
    const execution = yield* executions.get(id)
    const list = yield* executions.outputs(execution.id)
    if (directory !== undefined) return yield* written(execution, directory, list)
    return path === undefined ? listed(execution, list) : yield* read(execution.id, list, path, maxBytes)
  })
})
