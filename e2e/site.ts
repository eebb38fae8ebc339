/** A site that was told to take any port. */
import { waitUntil } from "./harness.ts"

/** Where it answers, by what it has said so far. */
export const siteOf = async (said: () => string): Promise<string> => {
  const port = await waitUntil("the site tells its port", () => {
    const told = /http:\/\/[\w.]+:(\d+)/.exec(said())?.[1]
    if (told === undefined) throw new Error(said())
    return told
  })
  const url = `http://127.0.0.1:${port}`
  await waitUntil(`${url} answers`, () => fetch(url).then(() => true as const))
  return url
}
