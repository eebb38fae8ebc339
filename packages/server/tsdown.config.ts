import { defineConfig } from "tsdown"
import { bundled } from "../../scripts/bundled.ts"

export default defineConfig([bundled("src/main.ts")])
