/** What `postmaster.pid` says, and whether it is true. */
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { join } from "node:path"

export interface PidFile {
  readonly pid: number
  readonly port: number
  readonly socketFolder: string
  readonly ready: boolean
}

export const readPidFile = async (folder: string): Promise<PidFile | undefined> => {
  const text = await readFile(join(folder, "postmaster.pid"), "utf8").catch(() => "")
  const lines = text.split("\n")
  const pid = Number(lines[0])
  if (!Number.isInteger(pid) || pid <= 0) return undefined
  return {
    pid,
    port: Number(lines[3] ?? ""),
    socketFolder: lines[4] ?? "",
    ready: lines[7]?.trim() === "ready"
  }
}

const ps = (pid: number, column: string): Promise<string> =>
  new Promise((resolve) =>
    execFile("ps", ["-ww", "-o", `${column}=`, "-p", String(pid)], (error, stdout) =>
      resolve(error === null ? stdout : "")))

/** After the command's name, which may hold spaces and brackets itself. */
const stateOf = async (pid: number): Promise<string> => {
  if (process.platform !== "linux") return (await ps(pid, "stat")).trim()
  const text = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "")
  return text.slice(text.lastIndexOf(")") + 2, text.lastIndexOf(")") + 3)
}

/** A killed process that nobody waited for is a zombie: it keeps its pid and does nothing. */
export const isAlive = async (pid: number): Promise<boolean> => {
  const state = await stateOf(pid)
  return state !== "" && !state.startsWith("Z") && !state.startsWith("X")
}

const commandOf = (pid: number): Promise<string> =>
  process.platform === "linux"
    ? readFile(`/proc/${pid}/cmdline`, "utf8").then((text) => text.replaceAll("\0", " "), () => "")
    : ps(pid, "command")

/** Pids are used again: the file may name a process that has nothing to do with us. */
export const serves = async (pid: number, folder: string): Promise<boolean> =>
  await isAlive(pid) && `${await commandOf(pid)} `.includes(` ${folder} `)
