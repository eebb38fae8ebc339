/** Whether the same request may be answered otherwise a little later: RFC 9110's 408 and 5xx, RFC 6585's 429. */
export const isPassing = (status: number): boolean => status >= 500 || status === 408 || status === 429
