/** Each control of the isolation design, seen from the engine where there is one, and from within. */
import { assert, layer, type Vitest } from "@effect/vitest"
import Docker from "dockerode"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"
import { copyFile, readlink } from "node:fs/promises"
import { join } from "node:path"
import { Sandbox } from "rgrid/ports/Sandbox"
import { helpers, python } from "rgrid/testing/SandboxContract"
import { image, type Kind, kinds, sandboxLayer } from "./fixture.ts"

const docker = new Docker()

const contract = (kind: Kind) => ({
  layer: sandboxLayer("isolation", {}, kind),
  image,
  workdir: "/work",
  capabilities: { memoryLimit: true, networkNone: true, ownPidNamespace: true, pids: true, ownMemory: true }
})

type Helpers = ReturnType<typeof helpers>

const inspect = (slot: string) => Effect.promise(() => docker.getContainer(`rgrid-${slot}`).inspect())

/** What a Python expression prints in a slot, as JSON. */
const asking = (execute: Helpers["execute"]) =>
  Effect.fnUntraced(function*(source: string, asked: Parameters<typeof execute>[1] = {}) {
    const { stderr, stdout } = yield* execute(python(`import json,os,sys\n${source}`), asked)
    if (stderr.length > 0) assert.fail(stderr.toString())
    return JSON.parse(stdout.toString()) as unknown
  })

/** Makes system calls by number; prints the error numbers. */
const systemCalls = (calls: Readonly<Record<string, ReadonlyArray<number>>>): string => `
import ctypes
libc=ctypes.CDLL(None,use_errno=True)
seen={}
for name,args in json.loads(${JSON.stringify(JSON.stringify(calls))}).items():
  ctypes.set_errno(0)
  result=libc.syscall(*[ctypes.c_long(a) for a in args])
  seen[name]=ctypes.get_errno() if result==-1 else 0
print(json.dumps(seen))`

const byEngine = (it: Vitest.MethodsNonLive<Sandbox>, { begin }: Helpers) => {
  it.effect("is what the engine was asked for", () =>
    Effect.gen(function*() {
      const limits = { cpu: 0.5, memoryBytes: 128 * 1024 * 1024, pids: 77 }
      const { slot } = yield* begin(["sleep", "60"], { limits })
      const { Config, HostConfig, Mounts, State } = yield* inspect(slot.id)
      assert.deepInclude(HostConfig, {
        Privileged: false,
        ReadonlyRootfs: true,
        CapDrop: ["ALL"],
        NetworkMode: "none",
        PidMode: "",
        IpcMode: "private",
        UTSMode: "",
        UsernsMode: "",
        AutoRemove: true,
        PidsLimit: 77,
        Memory: limits.memoryBytes,
        MemorySwap: limits.memoryBytes,
        NanoCpus: 5e8
      })
      assert.deepStrictEqual(Object.keys(HostConfig.PortBindings ?? {}), [])
      const added: ReadonlyArray<string> = HostConfig.CapAdd ?? []
      assert.sameMembers(added.map((name) => name.replace("CAP_", "")), ["SETUID", "SETGID", "KILL"])
      assert.include(HostConfig.SecurityOpt, "no-new-privileges")
      assert.strictEqual(HostConfig.LogConfig?.Type, "none")
      assert.deepStrictEqual(HostConfig.Devices ?? [], [])
      assert.isFalse(Mounts.some(({ Source }) => Source.includes("docker.sock")))
      assert.isFalse(Config.Tty)
      assert.isTrue(State.Running)
    }))

  it.effect("keeps arguments and environment out of the engine's configuration", () =>
    Effect.gen(function*() {
      const { slot } = yield* begin(["sh", "-c", "sleep 60", "argument-secret"], {
        env: { PATH: "/usr/bin:/bin", TOKEN: "environment-secret" }
      })
      const text = JSON.stringify(yield* inspect(slot.id))
      assert.notInclude(text, "environment-secret")
      assert.notInclude(text, "argument-secret")
    }))
}

/** In the first version's hierarchies, else in the second's; swap is on top of memory. */
const limited = `
def read(f):
  try: return [int(n) for n in open('/sys/fs/cgroup/'+f).read().split()]
  except FileNotFoundError: return None
memory=read('memory/memory.limit_in_bytes') or read('memory.max')
both=read('memory/memory.memsw.limit_in_bytes')
swap=both[0]-memory[0] if both else read('memory.swap.max')[0]
quota=read('cpu/cpu.cfs_quota_us')+read('cpu/cpu.cfs_period_us') if both else read('cpu.max')
print(json.dumps([memory[0],swap,quota[0]/quota[1],(read('pids/pids.max') or read('pids.max'))[0]]))`

const inside = (it: Vitest.MethodsNonLive<Sandbox>, { begin, execute }: Helpers) => {
  const ask = asking(execute)

  it.effect("keeps within the limits it was asked for, without swap", () =>
    Effect.gen(function*() {
      const limits = { cpu: 0.5, memoryBytes: 128 * 1024 * 1024, pids: 77 }
      assert.deepStrictEqual(yield* ask(limited, { limits }), [limits.memoryBytes, 0, 0.5, 77])
    }))

  it.effect("has namespaces of its own", () =>
    Effect.gen(function*() {
      const names = ["ipc", "mnt", "net", "pid", "uts"]
      const ours = yield* Effect.promise(() => Promise.all(names.map((name) => readlink(`/proc/self/ns/${name}`))))
      const theirs = yield* ask(`print(json.dumps([os.readlink('/proc/self/ns/'+n) for n in ${JSON.stringify(names)}]))`)
      if (!Array.isArray(theirs)) return assert.fail("no list")
      assert.lengthOf(theirs.filter((theirs, index) => theirs === ours[index]), 0)
    }))

  it.effect("sees nothing of the machine's keys, timers, memory and firmware, and sets nothing of its kernel", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
def size(p):
  try: return len(os.listdir(p)) if os.path.isdir(p) else len(open(p,'rb').read(1))
  except OSError: return 0
def sets(p):
  try: os.close(os.open(p,os.O_WRONLY)); return True
  except OSError: return False
closed='/proc/keys /proc/timer_list /proc/kcore /proc/acpi /proc/scsi /sys/firmware'.split()
fixed='/proc/sys/kernel/core_pattern /proc/sysrq-trigger /proc/sys/vm/overcommit_memory /sys/kernel/uevent_helper'.split()
ro=[bool(os.statvfs(p).f_flag & os.ST_RDONLY) for p in ('/','/sys','/proc/sys','/proc/bus','/proc/irq','/proc/fs')]
print(json.dumps([[p for p in closed if size(p)],[p for p in fixed if sets(p)],ro]))`)
      assert.deepStrictEqual(seen, [[], [], Array(6).fill(true)])
    }))

  it.effect("can't change its own control groups", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
places=['/sys/fs/cgroup/'+d for d in ('memory','pids','cpu','devices','.') if os.path.isdir('/sys/fs/cgroup/'+d)]
open_=[p for p in places if os.access(p,os.W_OK) or not p.endswith('.') and not os.statvfs(p).f_flag & os.ST_RDONLY]
print(json.dumps([len(places) > 0, open_]))`)
      assert.deepStrictEqual(seen, [true, []])
    }))

  it.effect("has the devices every program counts on, and no other", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
import stat
print(json.dumps(sorted(n for n in os.listdir('/dev') if stat.S_ISCHR(os.lstat('/dev/'+n).st_mode) or
  stat.S_ISBLK(os.lstat('/dev/'+n).st_mode))))`)
      assert.deepStrictEqual(seen, ["full", "null", "random", "tty", "urandom", "zero"])
    }))

  it.effect("gives the script a user without powers", () =>
    Effect.gen(function*() {
      const status = yield* ask(`
status=dict(line.rstrip().split(':',1) for line in open('/proc/self/status'))
names='Uid Gid Groups CapBnd CapEff CapPrm CapInh CapAmb NoNewPrivs Seccomp SigIgn SigBlk'.split()
print(json.dumps({k: status[k].split() for k in names}))`)
      assert.deepStrictEqual(status, {
        Uid: Array(4).fill("10001"),
        Gid: Array(4).fill("10001"),
        Groups: [],
        // Of the init: become the script's user, kill it. Without new privileges nobody gets them.
        CapBnd: ["00000000000000e0"],
        CapEff: ["0000000000000000"],
        CapPrm: ["0000000000000000"],
        CapInh: ["0000000000000000"],
        CapAmb: ["0000000000000000"],
        NoNewPrivs: ["1"],
        Seccomp: ["2"],
        // Python itself ignores SIGPIPE and SIGXFSZ.
        SigIgn: ["0000000001001000"],
        SigBlk: ["0000000000000000"]
      })
    }))

  it.effect("limits files, cores and processes, and lets out-of-memory hit the script first", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
import resource
print(json.dumps([resource.getrlimit(resource.RLIMIT_NOFILE),resource.getrlimit(resource.RLIMIT_CORE),
  open('/proc/self/oom_score_adj').read().strip(),os.umask(0),os.getsid(0)==os.getpid(),
  sorted(os.listdir('/proc/self/fd'))]))`)
      // The fourth descriptor is the listing's own.
      assert.deepStrictEqual(seen, [[1024, 1024], [0, 0], "500", 0o22, true, ["0", "1", "2", "3"]])
    }))

  it.effect("lets the script write to its workspace, /tmp and /dev/shm, and nowhere else", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
def can(d):
  try: open(d+'/probe','w').close(); return True
  except OSError: return False
tried='/work /tmp /dev/shm / /usr /etc /root /var/tmp /proc/sys/kernel /sys/fs/cgroup'.split()
print(json.dumps([d for d in tried if can(d)]))`)
      assert.deepStrictEqual(seen, ["/work", "/tmp", "/dev/shm"])
    }))

  it.effect("lets programs in /tmp run", () =>
    Effect.gen(function*() {
      const { exit } = yield* execute(["sh", "-c", "cp /bin/true /tmp/t && /tmp/t"])
      assert.strictEqual(exit.code, 0)
    }))

  it.effect("protects the init from the script", () =>
    Effect.gen(function*() {
      const seen = yield* ask(`
import resource,signal
def refused(f):
  try: f(); return False
  except (PermissionError,ProcessLookupError): return True
print(json.dumps([refused(f) for f in (lambda: os.kill(1,signal.SIGKILL),lambda: os.listdir('/proc/1/fd'),
  lambda: open('/proc/1/mem','rb').read(1),lambda: os.readlink('/proc/1/exe'),lambda: open('/proc/1/environ').read(),
  lambda: resource.prlimit(1,resource.RLIMIT_NOFILE,(0,0)),lambda: open('/.rgrid-init','ab'))]))`)
      assert.deepStrictEqual(seen, Array(7).fill(true))
    }))

  it.effect("refuses system calls that no script needs", () =>
    Effect.gen(function*() {
      const calls = {
        mount: [165, 0, 0, 0, 0, 0],
        umount2: [166, 0, 0],
        pivot_root: [155, 0, 0],
        chroot: [161, 0],
        unshare: [272, 0x10000000],
        setns: [308, -1, 0],
        bpf: [321, 0, 0, 0],
        perf_event_open: [298, 0, 0, -1, -1, 0],
        kexec_load: [246, 0, 0, 0, 0],
        init_module: [175, 0, 0, 0],
        finit_module: [313, -1, 0, 0],
        delete_module: [176, 0, 0],
        reboot: [169, 0, 0, 0],
        swapon: [167, 0, 0],
        add_key: [248, 0, 0, 0, 0, 0],
        request_key: [249, 0, 0, 0, 0],
        keyctl: [250, 0, 0],
        userfaultfd: [323, 0],
        open_by_handle_at: [304, -1, 0, 0],
        io_uring_setup: [425, 1, 0],
        io_uring_enter: [426, -1, 0, 0, 0],
        fsopen: [430, 0, 0],
        move_mount: [429, -1, 0, -1, 0, 0],
        open_tree: [428, -1, 0, 0],
        clone_new_user: [56, 0x10000011, 0, 0, 0, 0],
        socket_alg: [41, 38, 5, 0],
        socket_vsock: [41, 40, 1, 0],
        syslog: [103, 3, 0, 0],
        settimeofday: [164, 0, 0],
        quotactl: [179, 0, 0, 0, 0],
        iopl: [172, 3]
      }
      const seen = yield* ask(systemCalls(calls))
      assert.deepStrictEqual(seen, Object.fromEntries(Object.keys(calls).map((name) => [name, 1])))
      assert.deepStrictEqual(yield* ask(systemCalls({ clone3: [435, 0, 0] })), { clone3: 38 })
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

  it.effect("says of each control whether this machine enforces it", () =>
    Effect.gen(function*() {
      const controls = yield* (yield* Sandbox).controls
      const enforced = controls.filter(({ enforced }) => enforced).map(({ name }) => name)
      assert.includeMembers(enforced, ["separate user", "seccomp", "memory", "cpu", "processes", "read-only root"])
      assert.isTrue(controls.every(({ detail }) => detail.length > 0))
    }))
}

for (const kind of kinds) {
  const options = contract(kind)
  layer(options.layer, { timeout: "60 seconds", excludeTestServices: true })(`isolation by ${kind.name}`, (it) => {
    const bound = helpers(options)
    if (kind.name === "docker") byEngine(it, bound)
    inside(it, bound)
  })
}
