/** Keeps the end of a stream, in memory that what is dropped frees. */
export class LastBytes {
  readonly #most: number
  #pieces: Array<Uint8Array> = []
  #size = 0

  constructor(most: number) {
    this.#most = most
  }

  add(bytes: Uint8Array): void {
    // A copy: the chunk it came from must not live on for its end.
    const end = Uint8Array.from(bytes.subarray(-this.#most))
    this.#pieces.push(end)
    this.#size += end.length
    if (this.#size > 2 * this.#most) this.#compact()
  }

  text(): string {
    this.#compact()
    return new TextDecoder().decode(this.#pieces[0])
  }

  #compact(): void {
    const kept = Buffer.concat(this.#pieces).subarray(-this.#most)
    this.#pieces = [Uint8Array.from(kept)]
    this.#size = kept.length
  }
}
