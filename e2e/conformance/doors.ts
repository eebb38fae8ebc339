import type { Door } from "./Door.ts"
import { action } from "./doors/action.ts"
import { cli } from "./doors/cli.ts"
import { http } from "./doors/http.ts"
import { mcp } from "./doors/mcp.ts"
import { effect, sdk } from "./doors/sdk.ts"

export const doors: ReadonlyArray<Door> = [cli, sdk, effect, http, action, mcp]
