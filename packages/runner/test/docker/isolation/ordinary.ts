/** What isolation must leave to ordinary programs, and what it costs whoever watches them. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { copyFile } from "node:fs/promises"
import { join } from "node:path"
import { python } from "rgrid/testing/SandboxContract"
import { asking, type Helpers, type Methods } from "./asking.ts"

export const forOrdinary = (it: Methods, { begin, execute }: Helpers) => {
  const ask = asking(execute)

  it.effect("lets programs in /tmp run", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "cp /bin/true /tmp/t && /tmp/t"])
      assert.strictEqual(exit.code, 0)
    }))

  it.effect("allows what ordinary programs do: threads, processes, shared memory, sockets, FIFOs, tracing", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
import asyncio,ctypes,mmap,multiprocessing,socket,subprocess,tempfile,threading
results=[]
t=[threading.Thread(target=results.append,args=(i,)) for i in range(4)]
[x.start() for x in t];[x.join() for x in t]
with multiprocessing.get_context('fork').Pool(2) as pool: results.append(pool.map(abs,[-1,-2]))
results.append(subprocess.run(['sh','-c','echo $((1+1))'],capture_output=True,text=True).stdout)
a,b=socket.socketpair(); a.send(b'x'); results.append(b.recv(1).decode())
s=socket.create_server(('127.0.0.1',0)); c=socket.create_connection(s.getsockname()); results.append(c is not None)
os.mkfifo('/tmp/fifo'); mmap.mmap(-1,4096).close()
os.memfd_create('m'); os.eventfd(0); os.pidfd_open(os.getpid())
results.append(asyncio.run(asyncio.sleep(0,'slept')))
results.append(ctypes.CDLL(None).ptrace(0,0,0,0))
print(json.dumps(results[4:]))`)
      assert.deepStrictEqual(seen, [[1, 2], "2\n", "x", true, "slept", 0])
    }))

  it.effect("runs Node", () =>
    Effect.gen(function*() {
      const worker = "new (require('worker_threads').Worker)('require(`fs`).writeFileSync(`w`,`x`)',{eval:true})"
      const source = `${worker}.on('exit',c=>console.log(c))`
      const { exit, stderr, stdout } = yield* execute(["./node", "-e", source], {
        fill: (workspace) => copyFile(process.execPath, join(workspace, "node"))
      })
      assert.deepStrictEqual([exit.code, stdout.toString(), stderr.toString()], [0, "0\n", ""])
    }), 60_000)

  it.effect.each(["/root/project", "/tmp/project", "/home/ann/a project", "/var/www", "/opt/näïve"])(
    "shows the workspace at %s",
    (workdir) =>
      Effect.gen(function*() {
        const { exit, stdout } = yield* execute(["sh", "-c", "pwd; touch written"], { workdir })
        assert.deepStrictEqual([exit.code, stdout.toString()], [0, `${workdir}\n`])
      })
  )

  it.effect("holds no memory for a script that prints more than anybody reads", () =>
    Effect.gen(function*() {
      const source = "import os\nb=b'x'*1000000\nfor _ in range(300): os.write(1,b)"
      const { run } = yield* begin(python(source))
      const before = process.memoryUsage.rss()
      yield* Effect.sleep("2 seconds")
      assert.isBelow(process.memoryUsage.rss() - before, 64 * 1024 * 1024)
      let peak = 0
      const total = yield* Stream.runFold(run.output, () => 0, (sum, { bytes }) => {
        peak = Math.max(peak, process.memoryUsage.rss())
        return sum + bytes.length
      })
      assert.isBelow(peak - before, 256 * 1024 * 1024)
      assert.isAtLeast(total, 290_000_000)
    }), 60_000)
}
