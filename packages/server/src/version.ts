import { createRequire } from "node:module"

const read = (): string => {
  const manifest: unknown = createRequire(import.meta.url)("../package.json")
  return typeof manifest === "object" && manifest !== null && "version" in manifest ? String(manifest.version) : "0"
}

/** Of this package, as the server and `rgrid workers` show it. */
export const version = read()
