/**
 * What `rgrid` exits with. `rgrid run` exits with the script's own code whenever the script ended by itself, 128 + n
 * when signal n ended it. The others follow `timeout(1)` and the shells.
 */
export const exitCodes = {
  ok: 0,
  /** A key that `rgrid init` was given is not accepted. */
  refused: 1,
  /** Words that make no command, or input refused before anything was sent, as `python missing.py` does. */
  usage: 2,
  /** The time allowed was over. */
  timeout: 124,
  /** The grid's fault, not the script's: unreachable, refused, lost, or a defect of ours. */
  grid: 125,
  /** The program that should run the script is not in the runtime. */
  notFound: 127,
  /** Interrupted here, or canceled. */
  interrupted: 130,
  /** Out of memory: killed, as by the kernel. */
  killed: 137,
  /** Whoever read our output went away, as SIGPIPE ends other programs. */
  pipe: 141
} as const
