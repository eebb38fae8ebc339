/** What a script may ask of the kernel. */
import { assert } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { asking, type Helpers, type Methods } from "./asking.ts"

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

export const bySystemCall = (it: Methods, { execute }: Helpers) => {
  const ask = asking(execute)

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
}
