import type { Door } from "./Door.ts"
import { cli } from "./doors/cli.ts"
import { http } from "./doors/http.ts"

export const doors: ReadonlyArray<Door> = [cli, http]
