/** Passwords in what is sent to be installed from: it is stored on the grid, and read by whoever reads the job. */
import { secretIn } from "../secretLike.ts"

/** Names that open nothing by themselves. */
const publicUsers = new Set(["git", "__token__", "oauth2", "x-access-token", "user", "username"])

const userInfo = /\b([a-z][a-z0-9+.-]*):\/\/([^\s/@"'<>?#]+)@/gi

/** A variable is no secret: pip and uv put its value in where they run. */
const withoutVariables = (text: string): string => text.replace(/\$\{\w+\}/g, "")

const opens = (scheme: string, userInfo: string): boolean => {
  const [user = "", password = ""] = withoutVariables(userInfo).split(":", 2)
  if (password !== "") return true
  // Where a password is asked for, the user alone may be a token.
  return !userInfo.includes(":") && !/ssh/i.test(scheme) && user !== "" && !publicUsers.has(user)
}

const inAddresses = (line: string): string | null => {
  for (const [, scheme, info] of line.matchAll(userInfo)) {
    if (opens(scheme!, info!)) return "an address with a password"
  }
  return null
}

/** The first line, from 1, that holds one. Locks are full of hashes: there only addresses count. */
export const secretLine = (text: string, isLock: boolean): { readonly line: number; readonly kind: string } | null => {
  const lines = text.split("\n")
  for (const [index, line] of lines.entries()) {
    const kind = inAddresses(line) ?? (isLock ? null : secretIn(line.replace(userInfo, "$1://")))
    if (kind !== null) return { line: index + 1, kind }
  }
  return null
}
