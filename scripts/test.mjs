/** `npm test`. Its last line, `N passed, N failed, N skipped`, is for CI to read. */
import { spawn } from "node:child_process"
import { globSync, mkdirSync, readFileSync, rmSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { installOptional } from "./apt.mjs"
import { provideDocker } from "./docker-daemon.mjs"
import { installGoTools } from "./go-tools.mjs"
import { makeImages } from "./test-images.mjs"

const root = fileURLToPath(new URL("..", import.meta.url))
const summary = join(root, "node_modules/.cache/rgrid/summary.json")
const filters = process.argv.slice(2)
const say = (line) => process.stderr.write(`${line}\n`)

let stopDocker = async () => {}
let interrupted = null
let running = null

// The terminal tells the running step as well; it is waited for, and what was started is stopped then.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => {
    interrupted ??= signal
    if (signal !== "SIGINT" || !process.stdin.isTTY) running?.kill(signal)
  })
}

/** Resolves with whether it succeeded. */
const run = (program, args, env = {}) =>
  new Promise((resolve) => {
    if (interrupted !== null) return resolve(false)
    running = spawn(program, args, { cwd: root, stdio: "inherit", env: { ...process.env, ...env } })
    running.on("error", (error) => (say(`${program}: ${error.message}`), resolve(false)))
    running.on("exit", (code) => resolve(code === 0))
  })

const node = (script, ...args) => run(process.execPath, [join(root, "scripts", script), ...args])

/** Why there is no Docker for the tests; null when there is. */
const withDocker = async () => {
  try {
    stopDocker = await provideDocker()
    await makeImages()
    return null
  } catch (error) {
    return error.message
  }
}

/** Tests skip themselves where what they need can't be had: where nobody reads that, they would seem to pass. */
const provided = async (install) => {
  try {
    await install()
    return true
  } catch (error) {
    say(`Some tests are skipped: ${error.message}`)
    return !process.env.CI
  }
}

/** Tests that were not even started; those that skip themselves are in vitest's own count. */
const leftOut = () =>
  globSync("packages/*/test/**/docker/**/*.integration.test.ts", { cwd: root })
    .filter((file) => filters.length === 0 || filters.some((filter) => file.includes(filter)))

const counted = () => {
  try {
    return JSON.parse(readFileSync(summary, "utf8"))
  } catch {
    return { passed: 0, failed: 1, skipped: 0 }
  }
}

const test = async () => {
  const failedSteps = []
  if (!await node("prepare.mjs", "install")) return { passed: 0, failed: 1, skipped: 0, failedSteps: ["set-up"] }
  if (!await provided(installOptional)) failedSteps.push("programs for tests")
  const wantsGo = filters.length === 0 || filters.some((filter) => /action|workflow/i.test(filter))
  if (wantsGo && !await provided(installGoTools)) failedSteps.push("Go programs for tests")
  const noDocker = await withDocker()
  if (noDocker !== null) say(`Without Docker: ${noDocker}.`)
  // Of a part only the tests are wanted; npm run check is the rest.
  if (filters.length === 0 && !await run("sh", [join(root, "scripts/check")])) failedSteps.push("static checks")
  if (!await node("prepare.mjs", "build")) failedSteps.push("build")

  mkdirSync(join(root, "node_modules/.cache/rgrid"), { recursive: true })
  rmSync(summary, { force: true })
  const passed = await run("vitest", ["run", ...filters], {
    RGRID_TEST_DOCKER: noDocker === null ? "yes" : "no",
    RGRID_TEST_SUMMARY: summary
  })
  const counts = counted()
  if (!passed && counts.failed === 0) failedSteps.push("vitest")
  if (counts.skippedNames?.length > 0) say(`Skipped:\n  ${counts.skippedNames.join("\n  ")}`)
  const missed = noDocker === null ? [] : leftOut()
  if (missed.length > 0) say(`Did not run, without Docker (${noDocker}):\n  ${missed.join("\n  ")}\nnor the end-to-end tests in containers.`)
  return { ...counts, failed: counts.failed + failedSteps.length, skipped: counts.skipped + missed.length, failedSteps }
}

let result
try {
  result = await test()
} finally {
  await stopDocker()
}
const { failed, failedSteps, passed, skipped } = result
if (failedSteps.length > 0) say(`Failed besides tests: ${failedSteps.join(", ")}.`)
console.log(`${passed} passed, ${failed} failed, ${skipped} skipped`)
process.exitCode = interrupted !== null ? 130 : failed > 0 ? 1 : 0
