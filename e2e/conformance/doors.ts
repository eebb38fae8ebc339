import type { Door } from "./Door.ts"
import { cli } from "./doors/cli.ts"
import { http } from "./doors/http.ts"
import { sdk } from "./doors/sdk.ts"

export const doors: ReadonlyArray<Door> = [cli, sdk, http]
