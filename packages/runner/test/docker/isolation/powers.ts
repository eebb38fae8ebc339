/** What a script may do to the rest of its slot. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asking, type Helpers, type Methods } from "./asking.ts"

export const withoutPowers = (it: Methods, { execute }: Helpers) => {
  const ask = asking(execute)

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
}
