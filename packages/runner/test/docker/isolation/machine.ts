/** What a script sees of the machine and of its kernel, and what it may have of them. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { readlink } from "node:fs/promises"
import { asking, type Helpers, type Methods } from "./asking.ts"

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

export const fromMachine = (it: Methods, { execute }: Helpers) => {
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
}
