/** Every period that more than one part must agree on. Design §4 and §5 give their reasons. */
import * as Duration from "effect/Duration"

/** How long a claim holds without a renewal. */
export const lease = Duration.seconds(60)
/** How often a runner renews. */
export const renewal = Duration.seconds(15)
/** How long a client may take between accepting and the last upload. */
export const uploadDeadline = Duration.hours(1)
/** How long a signed URL holds. */
export const signedUrl = Duration.hours(1)
/** Between SIGTERM and SIGKILL, for cancel and timeout. */
export const termination = Duration.seconds(10)
