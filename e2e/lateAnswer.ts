/** Keeps the first answer to a submission to itself. */
import { type Between, between, isSubmission } from "./between.ts"

export interface LateAnswer extends Between {
  /** What the grid answered, and the client never heard. */
  readonly kept: Promise<any>
}

export const lateAnswer = async (grid: string): Promise<LateAnswer> => {
  const { promise: kept, resolve } = Promise.withResolvers<any>()
  let isFirst = true
  const late = await between(grid, {
    answer: (incoming) => {
      if (!isFirst || !isSubmission(incoming)) return null
      isFirst = false
      return (answer) => {
        resolve(JSON.parse(answer))
        return undefined
      }
    }
  })
  return { ...late, kept }
}
