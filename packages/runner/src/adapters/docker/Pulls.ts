/** How far the engine is with the images it is pulling, from what it tells of each of their layers. */
import * as Schema from "effect/Schema"
import * as Option from "effect/Option"
import type { Pull } from "rgrid/ports/Sandbox"

/** The engine's events, of which only these fields are read. Bytes are told while a layer is downloaded. */
const Event = Schema.Struct({
  id: Schema.String,
  status: Schema.String,
  progressDetail: Schema.optionalKey(Schema.Struct({
    current: Schema.optionalKey(Schema.Finite),
    total: Schema.optionalKey(Schema.Finite)
  }))
})

const decode = Schema.decodeUnknownOption(Event)

/** By layer. */
type Layers = Map<string, Pull>

const take = (layers: Layers, { id, progressDetail, status }: typeof Event.Type): void => {
  const { current = 0, total = 0 } = progressDetail ?? {}
  if (status === "Downloading" && total > 0) {
    layers.set(id, { doneBytes: Math.min(current, total), totalBytes: total })
  }
  const known = layers.get(id)
  if (status === "Download complete" && known !== undefined) layers.set(id, { ...known, doneBytes: known.totalBytes })
}

export class Pulls {
  private readonly images = new Map<string, { readonly layers: Layers; waiting: number }>()

  /** What listens to the engine's events about this image. Each `begin` has its `end`. */
  begin(image: string): (event: unknown) => void {
    const pull = this.images.get(image) ?? { layers: new Map(), waiting: 0 }
    pull.waiting++
    this.images.set(image, pull)
    return (event) => Option.map(decode(event), (told) => take(pull.layers, told))
  }

  end(image: string): void {
    const pull = this.images.get(image)
    if (pull !== undefined && --pull.waiting <= 0) this.images.delete(image)
  }

  of(image: string): Pull | null {
    const pull = this.images.get(image)
    if (pull === undefined) return null
    const layers = [...pull.layers.values()]
    return {
      doneBytes: layers.reduce((sum, { doneBytes }) => sum + doneBytes, 0),
      totalBytes: layers.reduce((sum, { totalBytes }) => sum + totalBytes, 0)
    }
  }
}
