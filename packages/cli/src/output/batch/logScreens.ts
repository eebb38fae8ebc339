/** Looking into one item of a batch: which one, and the end of its log. */
import { spoken, type Execution } from "rgrid/domain/Execution"
import { usable } from "../batchScreen.ts"
import { elapsed } from "../execution.ts"
import { backLines, chooseLines } from "./footer.ts"
import { type EndedItem, endedLine, labelOf } from "./items.ts"
import { cutFront, drawn, firstFitting, type Line, type Paint, width } from "./line.ts"
import { whole } from "./progress.ts"

interface Room {
  readonly now: number
  readonly columns: number
  readonly rows: number
}

const stateOf = (execution: Execution, now: number): string => {
  const millis = elapsed(execution, now)
  return millis === null ? spoken(execution.state) : `${spoken(execution.state)} ${whole(millis)}`
}

export interface Choosing extends Room {
  readonly active: ReadonlyArray<Execution>
  /** The newest last; and of those that failed more than of the others. */
  readonly ended: ReadonlyArray<EndedItem>
  readonly typed: string
  readonly notice: string | null
}

const numberColumns = 7

const numbered = ({ batch }: Execution): string => `${String(batch?.position ?? "").padStart(numberColumns - 2)}  `

/** Whoever looks for a log looks for what went wrong, else for what goes on. */
const candidates = ({ active, columns, ended, now }: Choosing): ReadonlyArray<Line> => {
  const room = columns - numberColumns
  const newest = ended.toReversed()
  const line = (item: EndedItem): Line => [numbered(item.execution), ...endedLine(item, now, room)]
  const running = active.map((one): Line => {
    const state = `  ${stateOf(one, now)}`
    return [numbered(one), cutFront(labelOf(one), Math.max(4, room - width(state))), [state, "dim"]]
  })
  const failed = newest.filter(({ execution }) => execution.state !== "completed")
  const completed = newest.filter(({ execution }) => execution.state === "completed")
  return [...failed.map(line), ...running, ...completed.map(line)]
}

export const choosingScreen = (whole: Choosing, paint: Paint): ReadonlyArray<string> => {
  const model = { ...whole, ...usable(whole.columns, whole.rows) }
  const { columns, notice, rows, typed } = model
  const below: ReadonlyArray<Line> = [
    ...(notice === null ? [] : [[notice]]),
    firstFitting(chooseLines(typed), columns)
  ]
  const lines: ReadonlyArray<Line> = [...candidates(model).slice(0, rows - below.length), ...below]
  return lines.map((line) => drawn(line, columns, paint))
}

export interface Log extends Room {
  readonly execution: Execution
  /** At least as many as fit, the newest last. */
  readonly lines: ReadonlyArray<string>
  /** Nothing will follow. */
  readonly isOver: boolean
}

export const logScreen = (log: Log, paint: Paint): ReadonlyArray<string> => {
  const { columns, rows } = usable(log.columns, log.rows)
  const head: Line = [["Log of ", "dim"], [labelOf(log.execution), "bold"], [` · ${stateOf(log.execution, log.now)}`, "dim"]]
  const none: Line = [[log.isOver ? "It wrote nothing." : "Nothing yet.", "dim"]]
  const body = log.lines.length === 0 ? [none] : log.lines.slice(2 - rows).map((text): Line => [text])
  return [head, ...body, firstFitting(backLines, columns)].map((line) => drawn(line, columns, paint))
}
