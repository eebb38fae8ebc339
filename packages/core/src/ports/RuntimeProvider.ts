/**
 * A language, or a family of images without one: the port through which RGrid learns what runs a script.
 *
 * A provider is pure: plain values and total functions. Nothing in it blocks, fails, starts a program or reads a file, and
 * asking twice gives the same answer. What it describes is done elsewhere: the client runs the syntax check, the runner
 * gets the image and starts the interpreter.
 */

/** A name people type, and the image it stands for. */
export interface Runtime {
  /** `python:3.11`. */
  readonly name: string
  /** Image reference as a registry knows it. */
  readonly image: string
  /** What it brings beside its language, in a few words; empty: nothing. */
  readonly brings: string
}

export interface Script {
  /** As it was typed. */
  readonly path: string
  /** Without its end of line. */
  readonly firstLine: string
}

/** How a program of this machine tells a syntax error without running the script. */
export interface SyntaxCheck {
  /** Names to look for on the PATH, or absolute paths; the first that is there is asked. */
  readonly programs: ReadonlyArray<string>
  readonly args: ReadonlyArray<string>
  /** Its exit code when it found an error and told it on stderr. Any other end tells nothing. */
  readonly rejects: number
  /** What the script would have exited with. */
  readonly exitCode: number
  /** Sources that the program may misjudge, or that are plainly good: not asked about. */
  readonly needless?: (source: string) => boolean
}

export interface RuntimeProvider {
  /** Its folder's name. */
  readonly language: string
  /** Endings of its scripts, with the dot, in small letters. */
  readonly endings: ReadonlyArray<string>
  /** Programs that a `#!` line may name, without directory and version. */
  readonly programs: ReadonlyArray<string>
  /** The default first; never empty. */
  readonly runtimes: readonly [Runtime, ...Array<Runtime>]
  /** What its scripts need in their environment to behave in a slot as they do here. */
  readonly environment: Readonly<Record<string, string>>
  /**
   * What the script is handed to in the runtime of that name (or image, where it is none of ours), `["python3"]`; empty:
   * it is executed itself. `null`: that runtime can't run it, and the provider's default can.
   */
  readonly interpreter: (script: Script, runtime: string) => ReadonlyArray<string> | null
  /** `null`: nothing on this machine can tell for that runtime. `here`: the script's absolute path. */
  readonly check: (here: string, script: Script, runtime: string) => SyntaxCheck | null
}
