/** Whether tests may use Docker. */
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"

/** `npm test` has looked and says; a test run by hand looks for itself, once per process. */
const asked = process.env["RGRID_TEST_DOCKER"]

const says = (...args: ReadonlyArray<string>): boolean =>
  spawnSync(process.execPath, [fileURLToPath(new URL("../docker.mjs", import.meta.url)), ...args], { timeout: 5_000 }).status === 0

export const hasDocker: boolean = asked === undefined ? says("ping") : asked === "yes"

/** Images of RGrid's own runtimes can't be made everywhere. */
export const hasImage = (image: string): boolean => says("has", image)
