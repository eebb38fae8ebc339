/** The history as an SVG: a panel for each row with a budget, its share of the budget by commit, on a log scale. */
import type { Entry } from "./record.ts"

const columns = 4
const panel = { width: 250, height: 110, left: 12, right: 12, top: 26, bottom: 18 }

/** From a hundredth of the budget to a hundred times it; beyond that a point sits on the edge. */
const decades = 2

interface Point {
  readonly commit: string
  readonly share: number
}

const escaped = (text: string): string => text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")

const x = (index: number, count: number): number => {
  const room = panel.width - panel.left - panel.right
  return panel.left + (count === 1 ? room / 2 : (index * room) / (count - 1))
}

const y = (share: number): number => {
  const room = panel.height - panel.top - panel.bottom
  const exponent = Math.max(-decades, Math.min(decades, Math.log10(share)))
  return panel.top + (room * (decades - exponent)) / (2 * decades)
}

const dot = ({ commit, share }: Point, index: number, count: number): string =>
  `<circle cx="${x(index, count).toFixed(1)}" cy="${y(share).toFixed(1)}" r="3" class="${share > 1 ? "missed" : "met"}">` +
  `<title>${escaped(commit)}: ${share.toPrecision(3)} of the budget</title></circle>`

const drawn = (row: string, points: ReadonlyArray<Point>, place: number): string => {
  const left = (place % columns) * panel.width
  const top = Math.floor(place / columns) * panel.height
  const line = points.map(({ share }, i) => `${x(i, points.length).toFixed(1)},${y(share).toFixed(1)}`).join(" ")
  const last = points.at(-1)!
  return [
    `<g transform="translate(${left} ${top})">`,
    `<text x="${panel.left}" y="16">${escaped(row)}</text>`,
    `<text x="${panel.width - panel.right}" y="16" text-anchor="end" class="${last.share > 1 ? "missed" : "met"}">${last.share.toPrecision(2)}</text>`,
    `<line x1="${panel.left}" x2="${panel.width - panel.right}" y1="${y(1)}" y2="${y(1)}" class="budget"/>`,
    `<polyline points="${line}"/>`,
    ...points.map((point, i) => dot(point, i, points.length)),
    "</g>"
  ].join("\n")
}

const style = `text { font: 12px sans-serif; fill: #444 } polyline { fill: none; stroke: #888 }
.budget { stroke: #888; stroke-dasharray: 4 3 } .met { fill: #1a7f37 } .missed { fill: #cf222e }`

/** A row that is measured no more is not shown. */
export const picture = (history: ReadonlyArray<Entry>): string => {
  const rows = new Map<string, Array<Point>>()
  const measuredNow = new Set(history.at(-1)?.rows.map(({ row }) => row))
  for (const { commit, rows: measured } of history) {
    for (const { row, share } of measured) {
      if (share === null || !measuredNow.has(row)) continue
      rows.set(row, [...rows.get(row) ?? [], { commit, share }])
    }
  }
  const [width, height] = [columns * panel.width, Math.ceil(rows.size / columns) * panel.height + 24]
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}">`,
    `<style>${style}</style>`,
    '<rect width="100%" height="100%" fill="#fff"/>',
    ...[...rows].map(([row, points], place) => drawn(row, points, place)),
    `<text x="${panel.left}" y="${height - 8}">Share of the budget by commit, log scale from 0.01 to 100; the dashed line is the budget, below it is better.</text>`,
    "</svg>",
    ""
  ].join("\n")
}
