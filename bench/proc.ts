/** What Linux tells of processes. */
import { readFileSync, writeFileSync } from "node:fs"

const megabyte = 1_000_000

/** Nothing of a process that is gone. */
const told = (pid: number, what: string): string => {
  try {
    return readFileSync(`/proc/${pid}/${what}`, "latin1")
  } catch {
    return ""
  }
}

/** The peak starts anew from what it holds now. */
export const forgetPeak = (pid: number): void => writeFileSync(`/proc/${pid}/clear_refs`, "5")

/** 0 when it is gone. */
export const peakMegabytes = (pid: number): number => {
  const kibibytes = /VmHWM:\s+(\d+)/.exec(told(pid, "status"))?.[1] ?? "0"
  return (Number(kibibytes) * 1024) / megabyte
}

/** Ticks of a hundredth of a second, those of its ended children too. */
const ticks = (pid: number): number => {
  const fields = told(pid, "stat").replace(/^.*\) /s, "").split(" ")
  return fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0)
}

export const cpuSeconds = (pids: ReadonlyArray<number>): number => pids.reduce((sum, pid) => sum + ticks(pid), 0) / 100

interface Mapping {
  readonly file: string
  readonly resident: number
  readonly proportional: number
}

const mappings = (pid: number): ReadonlyArray<Mapping> =>
  told(pid, "smaps").split(/^(?=[0-9a-f]+-[0-9a-f]+ )/m).filter((text) => text !== "").map((text) => {
    const kibibytes = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+)`, "m").exec(text)?.[1] ?? 0)
    const file = text.slice(0, text.indexOf("\n")).split(/\s+/)[5] ?? ""
    return { file: file.startsWith("/") ? file : "", resident: kibibytes("Rss"), proportional: kibibytes("Pss") }
  })

/**
 * PSS of them all. Other processes' share of a file, as of the Node that measures, counts as theirs up to what the largest
 * of them holds of it: alone on the machine they would hold it as well.
 */
export const ownMegabytes = (pids: ReadonlyArray<number>): number => {
  const files = new Map<string, { shared: number; largest: number }>()
  for (const pid of pids) {
    const own = new Map<string, number>()
    for (const { file, proportional, resident } of mappings(pid)) {
      const { largest, shared } = files.get(file) ?? { shared: 0, largest: 0 }
      own.set(file, (own.get(file) ?? 0) + resident)
      const held = file === "" ? 0 : own.get(file)!
      files.set(file, { shared: shared + proportional, largest: Math.max(largest, held) })
    }
  }
  return [...files.values()].reduce((sum, { largest, shared }) => sum + Math.max(shared, largest), 0) * 1024 / megabyte
}
