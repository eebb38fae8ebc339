import { it } from "@effect/vitest"
import { suite } from "../dependencies/suite.ts"

suite(it, { sandbox: "docker" })
