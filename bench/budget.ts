/** What a row has to keep, as data: it is printed, checked and drawn from the same. */
export interface Budget {
  readonly sentence: string
  readonly compare: "<" | "<=" | ">="
  /** The limit is `times` the reference and `plus`, in the row's unit; `times` is 0 where it is absolute. */
  readonly times: number
  readonly plus: number
}

const budget = (compare: Budget["compare"], times: number, plus: number) => (sentence: string): Budget => ({
  sentence,
  compare,
  times,
  plus
})

export const atMostTimes = (times: number) => budget("<=", times, 0)
export const atLeastTimes = (times: number) => budget(">=", times, 0)
/** Not more than so much longer than the reference. */
export const within = (plus: number) => budget("<=", 1, plus)
export const below = (limit: number) => budget("<", 0, limit)
export const atMost = (limit: number) => budget("<=", 0, limit)
export const atLeast = (limit: number) => budget(">=", 0, limit)

/** How much of its budget a row takes: 1 is all of it, more is too much, whichever way the budget compares. */
export const shareOf = ({ compare, plus, times }: Budget, ours: number, reference: number | null): number => {
  const limit = times * (reference ?? 0) + plus
  return compare === ">=" ? limit / ours : ours / limit
}

export const isMet = (budget: Budget, ours: number, reference: number | null): boolean => {
  const share = shareOf(budget, ours, reference)
  return budget.compare === "<" ? share < 1 : share <= 1
}
