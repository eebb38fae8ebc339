/** Values of a document where anything may stand. */

export type Table = Readonly<Record<string, unknown>>

export const isTable = (value: unknown): value is Table =>
  typeof value === "object" && value !== null && !Array.isArray(value) && !(value instanceof Date)

export const tableAt = (table: Table, ...path: ReadonlyArray<string>): Table =>
  path.reduce<Table>((inner, name) => isTable(inner[name]) ? inner[name] : {}, table)

/** Undefined where there is no list of texts. */
export const textsAt = (table: Table, name: string): ReadonlyArray<string> | undefined => {
  const value = table[name]
  return Array.isArray(value) && value.every((one) => typeof one === "string") ? value : undefined
}
