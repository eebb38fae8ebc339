/** Whether tests may use Docker. */
import { spawnSync } from "node:child_process"
import { describe } from "vitest"

/** `npm test` has looked and says; a test run by hand looks for itself, once per process. */
const asked = process.env["RGRID_TEST_DOCKER"]

const answers = (): boolean =>
  spawnSync(process.execPath, [new URL("../docker.mjs", import.meta.url).pathname, "ping"], { timeout: 5_000 }).status === 0

export const hasDocker: boolean = asked === undefined ? answers() : asked === "yes"

/** A group of tests that the summary names when it could not run. */
export const describeWithDocker: typeof describe | typeof describe.skip = hasDocker ? describe : describe.skip
