export const packAll: (directory: string) => ReadonlyArray<{
  readonly name: string
  readonly version: string
  readonly path: string
}>
