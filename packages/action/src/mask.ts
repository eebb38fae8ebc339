import * as core from "@actions/core"
import { isSecretName } from "rgrid/client/secretLike"

/** Shorter ones, as the `{` of a key in JSON, would black out the log. */
const shortest = 3

const known = new Set<string>()

/** The runner looks for a secret in one line at a time. */
export const mask = (secret: string): void => {
  const lines = secret.split(/\r\n|\r|\n/).map((line) => line.trim())
  for (const text of [secret, ...lines]) {
    if (text.trim().length < shortest || known.has(text)) continue
    known.add(text)
    core.setSecret(text)
  }
}

/** What is sent to GitHub by other ways than the log is masked by nobody else. The longest first: one may hold another. */
export const hidden = (text: string): string =>
  [...known].toSorted((one, other) => other.length - one.length).reduce((hiding, secret) => hiding.replaceAll(secret, "***"), text)

/** Before anything else is read: what is wrong with the inputs may be told with their values. */
export const maskInputs = (): void => {
  mask(core.getInput("api-key"))
  mask(core.getInput("github-token"))
  for (const line of core.getInput("env").split(/\r?\n/)) {
    const [, name, value] = /^\s*(\w+)=(.*)$/.exec(line) ?? []
    if (name !== undefined && isSecretName(name)) mask(value!)
  }
}
