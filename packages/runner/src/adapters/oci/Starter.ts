/**
 * The program beside the runner that starts runtimes (`init/rgrid-start.c`), each at the other end of a connection.
 *
 * A runner is a large process: starting one from it takes many times what starting one from a small process does, and
 * nothing else happens in the runner meanwhile.
 */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import { type ChildProcessByStdio, spawn } from "node:child_process"
import { once } from "node:events"
import { connect, type Socket } from "node:net"
import type { Readable, Writable } from "node:stream"
import type { SandboxError } from "rgrid/ports/Sandbox"
import { containerPath } from "../../attempt/place.ts"
import * as initBinary from "../../slot/initBinary.ts"
import { describe } from "../docker/errors.ts"
import { type Runtime, unavailable } from "./runtime.ts"

export interface Order {
  /** The slot's directory, which is there. */
  readonly directory: string
  /** The image's files. */
  readonly lower: string
  /** Text of the bundle's `config.json`. The bundle is the runtime's working directory. */
  readonly config: string
  /** Of the runtime, its name first. */
  readonly args: ReadonlyArray<string>
}

export interface Starter {
  /** The runtime's stdin and stdout, after its pid in four bytes. It closes when the runtime has ended. */
  readonly start: (order: Order) => Effect.Effect<Socket, SandboxError>
}

type Child = ChildProcessByStdio<Writable, Readable, Readable>

/** As `rgrid-start.c` has it. */
const mostBytes = 1024 * 1024

const hasEnded = ({ exitCode, signalCode }: Child): boolean => exitCode !== null || signalCode !== null

/** Why it ended before it listened. */
const ending = async (child: Child): Promise<never> => {
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (text: string) => said = (said + text).slice(-1000))
  const [code, signal] = await once(child, "close")
  throw new Error(`it ended with ${code ?? signal}: ${said.trim()}`)
}

const launch = async (program: string, directory: string, runtime: string): Promise<Child> => {
  const env = { PATH: process.env["PATH"] ?? containerPath }
  // Its own session: a Ctrl-C in the runner's terminal is the runner's affair.
  const child = spawn(program, [directory, runtime], { stdio: "pipe", cwd: "/", env, detached: true })
  child.stdin.on("error", () => undefined)
  await Promise.race([once(child.stdout, "data"), ending(child)])
  return child
}

const ended = async (child: Child, by: (child: Child) => void): Promise<void> => {
  if (hasEnded(child)) return
  const exit = once(child, "exit")
  by(child)
  await exit
}

/** Through its own working directory: the name of a socket must be short, the directory's may be long. */
const opened = async ({ pid }: Child): Promise<Socket> => {
  const socket = connect({ path: `/proc/${pid}/cwd/start` })
  await once(socket, "connect")
  return socket.on("error", () => undefined)
}

const bytesOf = ({ args, config, directory, lower }: Order): Buffer => {
  const text = Buffer.from([directory, lower, config, ...args].map((part) => `${part}\0`).join(""))
  if (text.length > mostBytes) throw new Error(`${text.length} bytes are more than a slot's description may have`)
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  return Buffer.concat([length, text])
}

/** `directory`: where it listens. It goes with the scope; one that went before its time is followed by another. */
export const make = (
  stateDirectory: string,
  directory: string,
  runtime: Runtime
): Effect.Effect<Starter, SandboxError, Scope.Scope> => {
  const fail = (cause: unknown): SandboxError => unavailable(`rgrid-start: ${describe(cause).message}`)
  let current: Promise<Child> | undefined
  const begun = async (): Promise<Child> => {
    const source = initBinary.starter(process.arch)
    if (source === undefined) throw new Error(`there is none for ${process.arch}`)
    return await launch(await initBinary.install(stateDirectory, source), directory, runtime.name)
  }
  const child = async (): Promise<Child> => {
    const known = current
    const one = await known?.catch(() => undefined)
    if (one !== undefined && !hasEnded(one)) return one
    return await (current = current === known || current === undefined ? begun() : current)
  }
  const connection = async (): Promise<Socket> => {
    const one = await child()
    return await opened(one).catch(async () => {
      // It was killed, and that has not been told yet.
      await ended(one, () => one.kill("SIGKILL"))
      return await opened(await child())
    })
  }
  const end = async (): Promise<void> => {
    const one = await current?.catch(() => undefined)
    if (one !== undefined) await ended(one, ({ stdin }) => stdin.end())
  }
  return Effect.acquireRelease(Effect.tryPromise({ try: child, catch: fail }), () => Effect.promise(end)).pipe(Effect.as({
    start: (order) =>
      Effect.tryPromise({
        try: async () => {
          const bytes = bytesOf(order)
          const socket = await connection()
          socket.write(bytes)
          return socket
        },
        catch: fail
      }).pipe(Effect.uninterruptible)
  }))
}
