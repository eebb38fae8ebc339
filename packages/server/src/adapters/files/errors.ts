/** What the file system says, as the ports' errors. */
import * as Effect from "effect/Effect"
import { statSync } from "node:fs"
import { LogUnavailable } from "rgrid/ports/LogStore"
import { ObjectsUnavailable } from "rgrid/ports/ObjectStore"

export const codeOf = (cause: unknown): string =>
  typeof cause === "object" && cause !== null && "code" in cause ? String(cause.code) : ""

/** Null where there is nothing. Asked by every log and object: another thread takes longer to begin than this takes. */
export const sizeOf = (path: string): number | null => statSync(path, { throwIfNoEntry: false })?.size ?? null

const detailOf = (cause: unknown): string => (cause instanceof Error ? cause.message : String(cause))

const isFull = (cause: unknown): boolean => ["ENOSPC", "EDQUOT"].includes(codeOf(cause))

export const objectsUnavailable = (cause: unknown): ObjectsUnavailable =>
  new ObjectsUnavailable({ detail: isFull(cause) ? "the disk is full" : detailOf(cause), diskFull: isFull(cause) })

export const logUnavailable = (cause: unknown): LogUnavailable =>
  new LogUnavailable({ detail: isFull(cause) ? "the disk is full" : detailOf(cause) })

export const onObjects = <A>(act: (signal: AbortSignal) => Promise<A>): Effect.Effect<A, ObjectsUnavailable> =>
  Effect.tryPromise({ try: act, catch: objectsUnavailable })

export const onLogs = <A>(act: () => Promise<A>): Effect.Effect<A, LogUnavailable> =>
  Effect.tryPromise({ try: act, catch: logUnavailable })
