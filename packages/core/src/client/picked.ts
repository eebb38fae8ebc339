/** Some of an object's properties, without those that are `undefined`. */
export const picked = <O extends object, K extends keyof O>(options: O, ...names: ReadonlyArray<K>): Pick<O, K> =>
  Object.fromEntries(
    names.filter((name) => options[name] !== undefined).map((name) => [name, options[name]])
  ) as unknown as Pick<O, K>
