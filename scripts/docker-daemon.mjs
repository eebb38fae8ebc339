/** A Docker for the tests: one that runs, else one that is installed, else one from Debian or Ubuntu. */
import { spawn } from "node:child_process"
import { closeSync, mkdirSync, openSync, readFileSync } from "node:fs"
import { join } from "node:path"
import { setTimeout as sleep } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { agrees, canInstall, install, installed, isRoot } from "./apt.mjs"
import * as docker from "./docker.mjs"

const logs = fileURLToPath(new URL("../node_modules/.cache/rgrid", import.meta.url))

const installDocker = async () => {
  if (!canInstall()) throw new Error("Docker is not installed, and installing it needs root on Debian or Ubuntu")
  if (!await agrees("The tests need Docker. Install docker.io with apt-get?")) throw new Error("Docker was not to be installed")
  install("docker.io", "iptables", "ca-certificates")
}

/** Its own session: Ctrl+C at the terminal is for the tests, which still need it while they clean up. */
const start = async () => {
  if (!isRoot) throw new Error("Docker is installed but does not run, and starting it needs root")
  mkdirSync(logs, { recursive: true })
  const log = join(logs, "dockerd.log")
  const output = openSync(log, "w")
  const daemon = spawn("dockerd", [], { detached: true, stdio: ["ignore", output, output] })
  closeSync(output)
  let ended = null
  daemon.on("error", (error) => ended = error.message)
  daemon.on("exit", (code, signal) => ended = `ended with ${signal ?? code}`)
  const stop = async () => {
    if (ended === null) daemon.kill("SIGTERM")
    for (let i = 0; i < 150 && ended === null; i++) await sleep(100)
    if (ended === null) daemon.kill("SIGKILL")
  }
  for (let i = 0; i < 120 && ended === null; i++) {
    if (await docker.answers()) return stop
    await sleep(250)
  }
  await stop()
  const lastWords = readFileSync(log, "utf8").trim().split("\n").at(-1)
  throw new Error(`dockerd does not start here (${ended ?? "no answer for 30 s"}): ${lastWords}`)
}

/** Fails with the reason where Docker can't be had; else gives what stops what was started. */
export const provideDocker = async () => {
  const asItWas = async () => {}
  if (await docker.answers()) return asItWas
  // Someone else's Docker: not ours to replace.
  if (process.env.DOCKER_HOST) throw new Error("the Docker that DOCKER_HOST names does not answer")
  if (!installed("dockerd")) await installDocker()
  // The package starts it where there is an init to do so.
  return await docker.answers() ? asItWas : start()
}
