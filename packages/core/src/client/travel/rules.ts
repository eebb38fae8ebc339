/** Whether a file that nobody named may travel. */
import { type Stats, statSync } from "node:fs"
import { open } from "node:fs/promises"
import { basename, relative, sep } from "node:path"
import { ignoredBelow, type IsIgnored } from "./ignored.ts"
import { isKept, isWide, isWithin, real } from "./place.ts"
import type { Staying } from "./Travelling.ts"

export const maxGuessedBytes = 10 * 1024 * 1024

const keyNames = [
  /^id_(rsa|dsa|ecdsa|ed25519)/,
  /\.(pem|key|p12|pfx|jks|keystore|kdbx|ppk|env)$/,
  /^(credentials|client_secret.*|service[-_]?account.*|secrets?)(\.(json|ya?ml|toml|ini|txt|csv|xml|cfg|conf))?$/
]

const isKeyName = (path: string): boolean => keyNames.some((name) => name.test(basename(path).toLowerCase()))

/** Whether a file's first bytes are a private key's. */
export const isPrivateKey = (bytes: Uint8Array): boolean =>
  /^\s*-----BEGIN [A-Z0-9 ]*PRIVATE KEY/.test(Buffer.from(bytes.subarray(0, 256)).toString("latin1"))

export const firstBytes = async (path: string): Promise<Uint8Array> => {
  const file = await open(path)
  try {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(256), 0, 256, 0)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

export const isHidden = (region: string, path: string): boolean =>
  relative(region, path).split(sep).some((name) => name.startsWith("."))

export interface Rules {
  readonly regionOf: (path: string) => string | undefined
  readonly directory: (path: string) => Promise<Staying | null>
  readonly file: (path: string) => Promise<Staying | Stats>
}

/** Links count as where they lead, and that has to be in the same project. */
const staysWithin = (region: string, path: string): boolean => isWithin(real(region), real(path))

/** `places`: the working directory and the script's. */
export const rulesFor = (regions: () => ReadonlyArray<string>, places: ReadonlyArray<string>): Rules => {
  const ignores = new Map<string, Promise<IsIgnored>>()
  const ignoredIn = (region: string) => {
    const known = ignores.get(region) ?? ignoredBelow(region, places)
    ignores.set(region, known)
    return known
  }
  const regionOf = (path: string) => regions().find((region) => isWithin(region, path))
  const directory = async (path: string): Promise<Staying | null> => {
    const region = regionOf(path)
    if (region === undefined || !staysWithin(region, path)) return "outside"
    if (isHidden(region, path)) return "hidden"
    return (await ignoredIn(region))(path, true) ? "ignored" : null
  }
  const file = async (path: string): Promise<Staying | Stats> => {
    const region = regionOf(path)
    if (region === undefined || !staysWithin(region, path)) return "outside"
    if (isKept(real(path)) || isKeyName(path)) return "key"
    if (isHidden(region, path)) return "hidden"
    const status = statSync(path, { throwIfNoEntry: false })
    if (status?.isFile() !== true) return "special"
    if ((await ignoredIn(region))(path, false)) return "ignored"
    return status.size > maxGuessedBytes ? "large" : status
  }
  return { regionOf, directory, file }
}

/** In a home or at the root only what a source names file by file is guessed. */
export const isTooWide = (rules: Rules, path: string): boolean => {
  const region = rules.regionOf(path)
  return region === undefined || isWide(region)
}
