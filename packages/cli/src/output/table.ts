/** Columns two spaces apart, each as wide as its widest cell; nothing trails the last. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [head, ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]?.length ?? 0)))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, column) => cell.padEnd(widths[column]!)).join("  ").trimEnd()
  return `${all.map(line).join("\n")}\n`
}

/** `Label:  value` lines; what has no value is left out. */
export const fields = (pairs: ReadonlyArray<readonly [label: string, value: string | null]>): string => {
  const known = pairs.filter(([, value]) => value !== null)
  const width = Math.max(...known.map(([label]) => label.length)) + 3
  return `${known.map(([label, value]) => `${`${label}:`.padEnd(width)}${value}`).join("\n")}\n`
}
