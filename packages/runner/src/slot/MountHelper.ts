/** The program beside the runner that enters slots (`init/rgrid-mount.c`): bytes out, bytes in, one reply a request. */
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { constants } from "node:os"
import type { Readable, Writable } from "node:stream"

export interface Reply {
  /** The system's error name; null when it was done. */
  readonly error: string | null
  /** Directories it made for what it mounted. */
  readonly made: ReadonlyArray<string>
}

const errorNames = new Map(Object.entries(constants.errno).map(([name, number]) => [number, name] as const))

const u32 = (value: number): Buffer => {
  const bytes = Buffer.allocUnsafe(4)
  bytes.writeUInt32LE(value, 0)
  return bytes
}

export const number = u32
export const string = (text: string): Buffer => Buffer.concat([u32(Buffer.byteLength(text)), Buffer.from(text)])
export const strings = (texts: ReadonlyArray<string>): Buffer => Buffer.concat([u32(texts.length), ...texts.map(string)])

const parse = (payload: Buffer): Reply => {
  const code = payload.readUInt32LE(0)
  const made: Array<string> = []
  for (let at = 8; at < payload.length;) {
    const end = at + 4 + payload.readUInt32LE(at)
    made.push(payload.toString("utf8", at + 4, end))
    at = end
  }
  return { error: code === 0 ? null : errorNames.get(code) ?? `errno ${code}`, made }
}

const gone: Reply = { error: "ESRCH", made: [] }

export class MountHelper {
  private readonly child: ChildProcessByStdio<Writable, Readable, null>
  private readonly waiting: Array<(reply: Reply) => void> = []
  private received = Buffer.alloc(0)
  private ended = false

  constructor(program: string, initPath: string) {
    this.child = spawn(program, [initPath], { stdio: ["pipe", "pipe", "ignore"], cwd: "/", env: {}, detached: true })
    for (const source of [this.child, this.child.stdin, this.child.stdout]) {
      source.on("error", () => this.end())
      source.on("close", () => this.end())
    }
    this.child.stdout.on("data", (chunk: Buffer) => this.receive(chunk))
  }

  ask(order: "T" | "M" | "U", ...payload: ReadonlyArray<Buffer>): Promise<Reply> {
    if (this.ended) return Promise.resolve(gone)
    const bytes = Buffer.concat([Buffer.from(order), ...payload])
    return new Promise((resolve) => {
      this.waiting.push(resolve)
      this.child.stdin.write(Buffer.concat([u32(bytes.length), bytes]))
    })
  }

  close(): Promise<void> {
    const { child } = this
    child.stdin.end()
    return new Promise((resolve) => {
      if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return resolve()
      child.once("exit", () => resolve())
    })
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk])
    while (this.received.length >= 4) {
      const end = 4 + this.received.readUInt32LE(0)
      if (this.received.length < end) return
      this.waiting.shift()?.(parse(this.received.subarray(4, end)))
      this.received = this.received.subarray(end)
    }
  }

  private end(): void {
    this.ended = true
    for (const resolve of this.waiting.splice(0)) resolve(gone)
  }
}
