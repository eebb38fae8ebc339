import { it } from "@effect/vitest"
import { suite } from "./suite.ts"

suite(it, { sandbox: "process" })
