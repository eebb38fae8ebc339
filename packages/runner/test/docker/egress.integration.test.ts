/** What a script can reach, under both policies. Needs root and iptables; says so where they are missing. */
import { assert, describe, it } from "@effect/vitest"
import * as Duration from "effect/Duration"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { once } from "node:events"
import { createServer } from "node:net"
import { Sandbox, type SlotRun } from "rgrid/ports/Sandbox"
import { openSlot } from "rgrid/testing/SandboxContract"
import { image, type Kind, kinds, sandboxLayer } from "./fixture.ts"

/** Tries each address; prints `open`, or the error's name. */
const probe = `
import errno,socket,sys
for target in sys.argv[1:]:
  host,port=target.rsplit(':',1)
  if host=='gateway':
    line=[l.split() for l in open('/proc/net/route')][1:]
    host=socket.inet_ntoa(bytes.fromhex(next(l[2] for l in line if l[1]=='00000000'))[::-1])
  try: socket.create_connection((host,int(port)),2).close(); print('open')
  except TimeoutError: print('timeout')
  except OSError as e: print(errno.errorcode.get(e.errno,e.errno))`

const listening = Effect.acquireRelease(
  Effect.promise(async () => {
    const server = createServer((socket) => socket.end()).listen(0, "0.0.0.0")
    await once(server, "listening")
    return server
  }),
  (server) => Effect.sync(() => server.close())
)

const linesOf = (run: SlotRun) =>
  run.output.pipe(Stream.map(({ bytes }) => bytes), Stream.decodeText(), Stream.splitLines)

const reach = Effect.fnUntraced(function*(...targets: ReadonlyArray<string>) {
  const slot = yield* openSlot({ image, workdir: "/work", outside: [], limits: {}, network: "open" })
  const run = yield* slot.run({
    argv: ["python3", "-c", probe, ...targets],
    env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
    deadline: Duration.seconds(60)
  })
  return yield* Stream.runCollect(linesOf(run))
})

const scenario = (kind: Kind, allowPrivateNetworks: boolean, test: (port: number) => Effect.Effect<void, unknown, Sandbox>) =>
  Effect.gen(function*() {
    const address = (yield* listening).address()
    if (address === null || typeof address === "string") return assert.fail("no port")
    const layer = sandboxLayer(`egress-${allowPrivateNetworks}`, { allowPrivateNetworks }, kind)
    yield* test(address.port).pipe(Effect.provide(layer))
  })

describe.skipIf(process.getuid?.() !== 0).each(kinds)("egress by $name", (kind) => {
  it.live("refuses private ranges, this machine and metadata addresses to strangers", () =>
    scenario(kind, false, (port) =>
      Effect.gen(function*() {
        const seen = yield* Effect.scoped(
          reach(`gateway:${port}`, "169.254.169.254:80", "10.1.2.3:80", "192.168.1.1:80")
        )
        assert.deepStrictEqual(seen, Array(4).fill("ECONNREFUSED"))
        const controls = yield* (yield* Sandbox).controls
        assert.isTrue(controls.find(({ name }) => name === "private networks")?.enforced)
      })), 60_000)

  it.live("leaves this machine open on one's own grid, but never metadata addresses", () =>
    scenario(kind, true, (port) =>
      Effect.gen(function*() {
        const seen = yield* Effect.scoped(reach(`gateway:${port}`, "169.254.169.254:80"))
        assert.deepStrictEqual(seen, ["open", "ECONNREFUSED"])
      })), 60_000)

  it.live("keeps slots from seeing each other", () =>
    scenario(kind, true, () =>
      Effect.gen(function*() {
        const slot = yield* openSlot({ image, workdir: "/work", outside: [], limits: {}, network: "open" })
        const source = "import socket\ns=socket.create_server(('0.0.0.0',8000))\n" +
          "print(socket.gethostbyname(socket.gethostname()),flush=True)\nwhile True: s.accept()[0].close()"
        const run = yield* slot.run({
          argv: ["python3", "-c", source],
          env: { PATH: "/usr/local/bin:/usr/bin:/bin" },
          deadline: Duration.seconds(60)
        })
        const [ip = ""] = yield* linesOf(run).pipe(Stream.take(1), Stream.runCollect)
        assert.match(ip, /^\d+\.\d+\.\d+\.\d+$/)
        const [seen] = yield* reach(`${ip}:8000`)
        assert.notStrictEqual(seen, "open")
      }).pipe(Effect.scoped)), 60_000)
})
