/** Where what can be found out anew is kept between commands. */
import { homedir } from "node:os"
import { isAbsolute, join } from "node:path"

type Environment = Readonly<Record<string, string | undefined>>

/** `~/.cache/rgrid`, or where the system's users keep such things. A relative path there is no path, says XDG. */
export const cacheDirectory = (env: Environment = process.env, platform: string = process.platform): string => {
  const told = platform === "win32" ? env["LOCALAPPDATA"] : env["XDG_CACHE_HOME"]
  const base = told !== undefined && isAbsolute(told) ? told : join(homedir(), ".cache")
  return join(base, "rgrid")
}
