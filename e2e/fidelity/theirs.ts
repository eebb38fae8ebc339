import type { Case } from "./Case.ts"

export const theirs: ReadonlyArray<Case> = []
