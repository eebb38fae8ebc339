/** Takes what nobody named, if the rules let it. */
import type { Gathering } from "./Gathering.ts"
import { found } from "./named.ts"
import { firstBytes, isPrivateKey, type Rules } from "./rules.ts"
import type { Found, Reason } from "./Travelling.ts"

export class Guesses {
  readonly gathering: Gathering
  readonly rules: Rules
  private readonly taken: (file: Found) => void

  constructor(gathering: Gathering, rules: Rules, taken: (file: Found) => void) {
    this.gathering = gathering
    this.rules = rules
    this.taken = taken
  }

  async file(here: string, reason: Reason): Promise<void> {
    if (this.gathering.has(here)) return
    const verdict = await this.rules.file(here)
    if (typeof verdict === "string") return this.gathering.leave(here, verdict, reason)
    const start = await firstBytes(here).catch(() => null)
    if (start === null) return this.gathering.leave(here, "unreadable", reason)
    if (isPrivateKey(start)) return this.gathering.leave(here, "key", reason)
    const file = found(this.gathering.cwd, { here, status: verdict }, reason)
    if (this.gathering.guess(file)) this.taken(file)
  }
}
