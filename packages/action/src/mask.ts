import * as core from "@actions/core"
import { isSecretName } from "rgrid/client/secretLike"

/** Shorter ones, as the `{` of a key in JSON, would black out the log. */
const shortest = 3

/** The runner looks for a secret in one line at a time. */
export const mask = (secret: string): void => {
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim()).filter((line) => line.length >= shortest)
  for (const line of new Set([secret, ...lines])) if (line.trim().length >= shortest) core.setSecret(line)
}

/** Before anything else is read: what is wrong with the inputs may be told with their values. */
export const maskInputs = (): void => {
  mask(core.getInput("api-key"))
  mask(core.getInput("github-token"))
  for (const line of core.getInput("env").split(/\r?\n/)) {
    const [, name, value] = /^\s*(\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined && isSecretName(name)) mask(value!)
  }
}
