import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import type { OutputList } from "rgrid/api/Executions"
import * as executions from "rgrid/client/executions"
import { absolute, GridClient } from "rgrid/client/GridClient"
import type { Output } from "rgrid/domain/Execution"
import { plain, size } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import { table } from "../output/table.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

/** Links to an output's bytes, in their order: a large file has several. */
const links = (grid: GridClient["Service"], list: OutputList, output: Output): ReadonlyArray<string> =>
  (output.content?.parts ?? []).flatMap((part) => {
    const link = list.parts[part]
    return link === undefined ? [] : [absolute(grid, link.url)]
  })

const name = ({ path, type }: Output): string => `${plain(path)}${type === "directory" ? "/" : ""}`

export const outputs = Command.make("outputs", { id: flags.id, json: flags.json }, ({ id, json }) =>
  Effect.gen(function*() {
    yield* flags.noBatch(id, "outputs are")
    const grid = yield* GridClient
    const list = yield* executions.outputs(id)
    const rows = list.manifest.outputs.map((output) => ({ output, urls: links(grid, list, output) }))
    if (json) {
      const { deleted, skipped } = list.manifest
      return yield* stdio.json({ outputs: rows.map(({ output, urls }) => ({ ...output, urls })), deleted, skipped })
    }
    if (rows.length === 0) return yield* stdio.mention("No outputs.")
    yield* stdio.stdout(table(
      ["NAME", "SIZE", "URL"],
      rows.map(({ output, urls }) => [
        name(output),
        output.content === undefined ? "-" : size(output.content.size),
        urls.length > 1 ? `${urls.length} parts: rgrid outputs ${id} --json` : urls[0] ?? "-"
      ])
    ))
  }).pipe(onGrid)).pipe(
    Command.withDescription("List what a script made: name, size, URL"),
    Command.withExamples([{ command: "rgrid outputs ID", description: "Fetch them with rgrid download ID" }])
  )
