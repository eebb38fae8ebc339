/** What requests have in common. Their words for people: `http/openapi/` of the server. */
import * as Schema from "effect/Schema"

// An id or the beginning of one. One that can't exist is answered as unknown, not as malformed.
export const params = { id: Schema.String }

export const keyed = { "idempotency-key": Schema.optionalKey(Schema.String.check(Schema.isMaxLength(200))) }

export const whole = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

export const limit = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1000 })))

/** What `next` of the page before said. */
export const before = Schema.optionalKey(Schema.String)

/** Seconds to wait for something to be there; default 0. */
export const wait = Schema.optionalKey(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 30 })))
