/** Every case: those written here, and those of others. */
import type { Case } from "./Case.ts"
import { files } from "./cases/files.ts"
import { otherLanguages } from "./cases/otherLanguages.ts"
import { processes } from "./cases/processes.ts"
import { streams } from "./cases/streams.ts"
import { surroundings } from "./cases/surroundings.ts"
import { theirs } from "./theirs.ts"

export const cases: ReadonlyArray<Case> = [...processes, ...streams, ...files, ...surroundings, ...otherLanguages, ...theirs]
