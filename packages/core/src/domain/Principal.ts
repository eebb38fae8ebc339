import type { KeyId, Scope } from "./ApiKey.ts"
import type { AccountId } from "./Id.ts"

/** Who asks, by the key it came with. */
export interface Principal {
  readonly account: AccountId
  readonly key: KeyId
  readonly scopes: ReadonlyArray<Scope>
}
