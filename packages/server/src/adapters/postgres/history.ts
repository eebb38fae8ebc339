/**
 * What happened to an execution, a line for each transition, in its own row: no row and no index of its own for each, and never
 * one without the other. `events_of` in SQL reads it.
 */

/** Once for a statement, however many rows it writes. */
const at = `(select to_char(now() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'))`

/** One line, of SQL expressions. Data is JSON as a program writes it: on one line and without a tab. */
export const happened = (type: string, state: string, fence: string, data = "'{}'"): string =>
  `(${type} || E'\\t' || ${state} || E'\\t' || ${fence} || E'\\t' || ${data} || E'\\t' || ${at} || E'\\n')`
