/** Stands for `Intl.Segmenter` in this program: making Node's own reads tables that only a page of help needs. */
export class LazySegmenter {
  private readonly given: ConstructorParameters<typeof Intl.Segmenter>
  private real: Intl.Segmenter | undefined

  constructor(...given: ConstructorParameters<typeof Intl.Segmenter>) {
    this.given = given
  }

  segment(text: string): Intl.Segments {
    this.real ??= new globalThis["Intl"]["Segmenter"](...this.given)
    return this.real.segment(text)
  }
}
