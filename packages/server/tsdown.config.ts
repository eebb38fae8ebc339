import { defineConfig } from "tsdown"
import { bundled, typed } from "../../scripts/bundled.ts"

export default defineConfig([bundled("src/main.ts"), typed("src/main.ts")])
