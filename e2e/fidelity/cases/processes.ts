/** Processes, signals, exit codes and what is said at the end. */
import { type Case, ours } from "../Case.ts"

const exit = (how: string): Case => ours(`exit ${how}`, `python3.11 exits.py ${how}`)

const exits = ["text", "none", "wraps", "negative", "true", "float_", "hard", "big", "system", "interrupt", "recursion",
  "oserror", "assertion", "chained", "atexit_", "thread", "group", "nothing"]

const signal = (name: string): Case => ours(`ended by ${name}`, `python3.11 signal_self.py ${name}`)

export const processes: ReadonlyArray<Case> = [
  ours("subprocess tree", "python3.11 subprocess_tree.py"),
  ours("threads", "python3.11 threads.py"),
  ours("multiprocessing fork", "python3.11 pool.py fork"),
  ours("multiprocessing spawn", "python3.11 pool.py spawn"),
  ours("multiprocessing forkserver", "python3.11 pool.py forkserver"),
  ours("asyncio", "python3.11 async.py"),
  ours("sockets to itself", "python3.11 sockets.py"),
  ours("runs what it made", "python3.11 run_here.py"),
  ours("child that writes late", "python3.11 daemon.py"),
  ours("signals inside", "python3.11 signals.py"),
  ours("limits and shared memory", "python3.11 limits.py"),
  ...exits.map((how) => ({ ...exit(how), ...(how === "thread" ? { normalise: "addresses" as const } : {}) })),
  ...["SIGTERM", "SIGKILL", "SIGSEGV", "SIGINT", "SIGHUP", "SIGPIPE", "SIGABRT"].map(signal),
  ours("syntax error", "python3.11 syntax_error.py"),
  ours("no such script", "python3.11 not_there.py 2> /dev/null"),
  ours("warnings and logging", "python3.11 warns.py")
]
