/** Every language there is: one line each. An earlier one wins where two claim the same ending. */
import type { RuntimeProvider } from "../ports/RuntimeProvider.ts"
import { bash } from "./bash/provider.ts"
import { image } from "./image/provider.ts"
import { node } from "./node/provider.ts"
import { python } from "./python/provider.ts"
import { ruby } from "./ruby/provider.ts"

export const providers: ReadonlyArray<RuntimeProvider> = [python, node, bash, ruby, image]
