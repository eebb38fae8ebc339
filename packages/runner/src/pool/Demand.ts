/** Which kinds of slots were used lately, and how many at a time: what is likely to be wanted next. Pure. */

/** So long after its last use a kind is no more worth a slot. Milliseconds. */
export const remembered = 10 * 60_000

/** After so long without use, a burst is over: one slot of a kind is enough. Milliseconds. */
export const burst = 60_000

interface Use<Request> {
  readonly request: Request
  active: number
  /** Most at a time since the burst began. */
  peak: number
  lastUsed: number
}

export class Demand<Request> {
  /** The kind used last is the last. */
  private readonly uses = new Map<string, Use<Request>>()

  begin(kind: string, request: Request, now: number): void {
    const known = this.uses.get(kind)
    const active = (known?.active ?? 0) + 1
    const isBurst = known !== undefined && (known.active > 0 || now - known.lastUsed < burst)
    this.uses.delete(kind)
    this.uses.set(kind, { request, active, peak: isBurst ? Math.max(known.peak, active) : active, lastUsed: now })
  }

  end(kind: string, now: number): void {
    const use = this.uses.get(kind)
    if (use === undefined) return
    use.active--
    use.lastUsed = now
  }

  /** How many idle slots of which kinds to have, `most` in all: of the kind used last as many as ran at a time. */
  targets(most: number, now: number): ReadonlyMap<string, { readonly request: Request; readonly count: number }> {
    const targets = new Map<string, { readonly request: Request; readonly count: number }>()
    let left = most
    for (const [kind, { active, lastUsed, peak, request }] of [...this.uses].toReversed()) {
      const idle = active > 0 ? 0 : now - lastUsed
      const wanted = targets.size === 0 && idle < burst ? peak : 1
      // The very last stays: whatever comes next on an idle machine, it will most likely be that again.
      if (targets.size > 0 && idle >= remembered) this.uses.delete(kind)
      else {
        const count = Math.min(wanted, left)
        targets.set(kind, { request, count })
        left -= count
      }
    }
    return targets
  }
}
