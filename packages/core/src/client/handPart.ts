/** A part to the grid of this machine, by way of the disk. */
import * as Effect from "effect/Effect"
import * as HttpClientRequest from "effect/http/HttpClientRequest"
import { open } from "node:fs/promises"
import { handedHeader, handOver, leastHanded } from "../api/handing.ts"
import { GridClient } from "./GridClient.ts"
import { objectsDirectory } from "./gridFile.ts"
import type { PartSource } from "./addressed.ts"

const copied = (source: PartSource) =>
  Effect.promise(async () => {
    const file = await open(source.path).catch(() => null)
    return file && handOver(objectsDirectory(), file, source).finally(() => file.close())
  })

/** Whether the grid has it now. If not, it is to be sent, and what is wrong is told then. */
export const handPart = Effect.fnUntraced(function*(
  url: string,
  headers: Readonly<Record<string, string>>,
  source: PartSource
) {
  const { connection, http } = yield* GridClient
  if (!connection.local || source.size < leastHanded) return false
  const handed = yield* Effect.acquireRelease(copied(source), (made) => Effect.promise(async () => made?.remove()))
  if (handed === null) return false
  const request = HttpClientRequest.put(url, { headers: { ...headers, [handedHeader]: handed.name } })
  return yield* http.execute(request).pipe(
    Effect.map(({ status }) => status < 300),
    Effect.orElseSucceed(() => false)
  )
}, Effect.scoped)
