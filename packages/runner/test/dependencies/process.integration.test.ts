import { assert, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as packageIndex from "./packageIndex.ts"
import { suite } from "./suite.ts"
import * as workshop from "./workshop.ts"

suite(it, { sandbox: "process" })

it.live("leaves a requirements file to pip where no index has uv, and says so of what pip can't do", () =>
  Effect.gen(function*() {
    const { bare } = yield* packageIndex.make
    const { dependencies, job, run } = yield* workshop.make({ sandbox: "process", packageIndex: bare })
    const script = "import greeting; print(greeting.version)"
    const declared = dependencies("requirements", { "requirements.txt": "greeting==1.0\n" })
    const [byPip] = yield* run(job(script, { dependencies: declared }))
    assert.deepInclude(byPip, { state: "completed", failure: null, said: "1.0" })
    const project = dependencies("pyproject", { "pyproject.toml": "[project]\nname = \"mine\"\nversion = \"0\"\n" })
    const [refused] = yield* run(job(script, { dependencies: project }))
    assert.deepInclude(refused?.failure, { _tag: "DependenciesFailed", reason: "refused" })
    assert.match(JSON.stringify(refused?.failure), /uv can't be had/)
  }).pipe(Effect.scoped), 120_000)
