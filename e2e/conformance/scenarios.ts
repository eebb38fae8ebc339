/** What people ask for, from the plainest to what goes wrong: every way into RGrid must end each of them alike. */
import type { Scenario } from "./Door.ts"
import { batches } from "./scenarios/batches.ts"
import { ends } from "./scenarios/ends.ts"
import { inputs } from "./scenarios/inputs.ts"
import { languages } from "./scenarios/languages.ts"
import { outputs } from "./scenarios/outputs.ts"
import { streams } from "./scenarios/streams.ts"
import { surroundings } from "./scenarios/surroundings.ts"

export const scenarios: ReadonlyArray<Scenario> = [
  ...streams,
  ...surroundings,
  ...inputs,
  ...outputs,
  ...ends,
  ...languages,
  ...batches
]
