/** What is to be installed, for whom and for what: equal needs share one layer. */
import * as Equal from "effect/Equal"
import * as Hash from "effect/Hash"
import { createHash } from "node:crypto"
import type { AccountId } from "rgrid/domain/Id"
import type { Dependencies } from "rgrid/domain/JobSpec"
import type { RuntimeIdentity } from "rgrid/ports/Sandbox"

/** Where packages come from. Absent: the public indexes. */
export interface Sources {
  readonly packageIndex?: string
  readonly npmRegistry?: string
}

export interface NeedParts {
  readonly account: AccountId
  readonly dependencies: Pick<Dependencies, "kind" | "files">
  readonly image: string
  /** What the script will be run by: dependencies are installed for it. */
  readonly program: string
  readonly runtime: RuntimeIdentity
  readonly sources: Sources
}

/** Changed with what `recipes.ts` makes of the same declaration: older layers are built anew. */
const recipe = 2

/** Two needs with the same answer may share a layer within one account. What the declaration is called is no part. */
export const keyOf = ({ dependencies: { files, kind }, program, runtime, sources }: NeedParts): string => {
  const [declaration, ...others] = files.map(({ content, path }) => [path, content.sha256])
  const rest = others.sort(([a = ""], [b = ""]) => a < b ? -1 : 1)
  return createHash("sha256").update(JSON.stringify([
    recipe,
    kind,
    declaration,
    rest,
    program,
    runtime.digest,
    runtime.arch,
    sources.packageIndex ?? null,
    sources.npmRegistry ?? null
  ])).digest("hex")
}

export class Need implements Equal.Equal {
  readonly parts: NeedParts
  readonly key: string
  /** Unique over accounts. */
  readonly id: string

  constructor(parts: NeedParts) {
    this.parts = parts
    this.key = keyOf(parts)
    this.id = `${parts.account}/${this.key}`
  }

  [Equal.symbol](that: Equal.Equal): boolean {
    return that instanceof Need && that.id === this.id
  }

  [Hash.symbol](): number {
    return Hash.string(this.id)
  }
}
