import { spawn } from "node:child_process"
import type { Budget } from "./budget.ts"

/** Milliseconds, or what else a row counts. */
export type Timing = () => Promise<number>

export interface Row {
  /** The same in every run: the history goes by it. */
  readonly name: string
  /** What is measured against what. */
  readonly what: string
  readonly ours: number
  /** Null where the budget is absolute. */
  readonly reference: number | null
  readonly unit: "ms" | "per second" | "MB/s" | "MB" | "% of a core"
  readonly runs: number
  /** Null: only told. Absent: its benchmark's. */
  readonly budget?: Budget | null
}

export const runs = 5

/** Of what is counted by the thousand or by the gigabyte; 0.1 is a quick look. */
export const scale = Number(process.env["RGRID_BENCH_SCALE"] ?? "1")

export const scaled = (count: number): number => Math.max(1, Math.round(count * scale))

export const quantile = (values: ReadonlyArray<number>, share: number): number => {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
}

export const median = (values: ReadonlyArray<number>): number => {
  const sorted = [...values].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** Both in turn, so that a machine that slows down slows both; the first pair only warms up. */
export const inTurn = async (ours: Timing, reference: Timing, runs: number) => {
  const taken = { ours: new Array<number>(), reference: new Array<number>() }
  for (let run = 0; run <= runs; run++) {
    const pair = [await ours(), await reference()] as const
    if (run === 0) continue
    taken.ours.push(pair[0])
    taken.reference.push(pair[1])
  }
  return { ours: median(taken.ours), reference: median(taken.reference), runs }
}

/** What has an absolute budget. The first run only warms up. */
export const alone = async (ours: Timing, runs: number) => {
  const { ours: taken } = await inTurn(ours, async () => 0, runs)
  return { ours: taken, reference: null, runs }
}

/** As many a second as `count` in so many milliseconds. */
export const rate = (timing: Timing, count: number): Timing => async () => (count * 1000) / await timing()

export const timed = async (act: () => Promise<unknown>): Promise<number> => {
  const start = performance.now()
  await act()
  return performance.now() - start
}

/** A whole process, from spawn to exit. What it tells of itself is shown only when it fails. */
export const command = (program: string, args: ReadonlyArray<string>, cwd: string, env = process.env): Timing => () =>
  timed(() =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(program, args, { cwd, env, stdio: ["ignore", "ignore", "pipe"] })
      let told = ""
      child.stderr.on("data", (chunk: Buffer) => (told = `${told}${chunk.toString()}`.slice(-2000)))
      child.on("error", reject)
      child.on("close", (code) => (code === 0 ? resolve() : reject(new Error(`${program} exited with ${code}: ${told}`))))
    })
  )

/** From spawn to the first byte on stdout. */
export const firstByte = (program: string, args: ReadonlyArray<string>, cwd: string): Timing => () =>
  new Promise((resolve, reject) => {
    const start = performance.now()
    const child = spawn(program, args, { cwd, stdio: ["ignore", "pipe", "inherit"] })
    let first = Number.NaN
    child.on("error", reject)
    child.stdout.once("data", () => (first = performance.now() - start))
    child.on("close", () => (Number.isNaN(first) ? reject(new Error(`${program} printed nothing`)) : resolve(first)))
  })
