/** Whether tests may use Docker. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

/** `npm test` has looked and says; a test run by hand looks for itself, once per process. */
const asked = process.env["RGRID_TEST_DOCKER"]

const answers = (): boolean =>
  spawnSync(process.execPath, [fileURLToPath(new URL("../docker.mjs", import.meta.url)), "ping"], { timeout: 5_000 }).status === 0

export const hasDocker: boolean = asked === undefined ? answers() : asked === "yes"
