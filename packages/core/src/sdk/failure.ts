/** Why an execution did not complete, in plain values. */

/** What a script's own last words tell about its end; `root` is the line that says so. */
export type FailureCause =
  | {
    readonly _tag: "ModuleMissing"
    readonly root: string
    readonly language: "python" | "node"
    readonly module: string
    /** What brings the module; null when it is a file of the script's own. */
    readonly package: string | null
    readonly nearest: string | null
  }
  | { readonly _tag: "FileMissing"; readonly root: string; readonly path: string; readonly nearest: string | null }
  | {
    readonly _tag: "SyntaxInvalid"
    readonly root: string
    readonly file: string | null
    readonly line: number | null
    readonly message: string
  }
  | {
    readonly _tag: "PermissionDenied"
    readonly root: string
    readonly path: string | null
    readonly reason: "denied" | "readOnly" | "notExecutable"
  }
  | { readonly _tag: "DiskFull"; readonly root: string }
  | {
    readonly _tag: "HeapExhausted"
    readonly root: string
    readonly language: "python" | "node"
    readonly limitBytes: number | null
  }
  | { readonly _tag: "CommandMissing"; readonly root: string; readonly command: string }
  | {
    readonly _tag: "NetworkFailed"
    readonly root: string
    readonly reason: "name" | "refused" | "unreachable" | "timeout"
    readonly host: string | null
    /** The job asked for no network. */
    readonly blocked: boolean
  }
  | {
    readonly _tag: "UncaughtException"
    readonly root: string
    readonly type: string
    readonly message: string
    readonly file: string | null
    readonly line: number | null
  }

/** What a script's end is known by beside its code. */
interface LastWords {
  /** What went wrong, as far as its last words say. */
  readonly cause?: FailureCause
  /** The last it wrote to stderr, masked, at most 2 KB. */
  readonly tail?: string
}

/** Why an execution did not complete: told by `_tag`. */
export type Failure =
  /** The script ended itself with a status other than 0. */
  | ({ readonly _tag: "ScriptExited"; readonly code: number } & LastWords)
  | ({ readonly _tag: "ScriptSignaled"; readonly signal: number } & LastWords)
  /** Bytes; null where the machine can't tell. */
  | { readonly _tag: "OutOfMemory"; readonly limitBytes: number | null; readonly peakBytes: number | null }
  | { readonly _tag: "TimedOut"; readonly seconds: number }
  | { readonly _tag: "Canceled" }
  | { readonly _tag: "InterpreterMissing"; readonly program: string; readonly code: string; readonly runtime: string }
  | { readonly _tag: "ImageMissing"; readonly image: string; readonly detail: string }
  /** An input can't stand at its own path there. */
  | { readonly _tag: "InputUnplaceable"; readonly path: string }
  /** The grid lost every attempt it was allowed. */
  | { readonly _tag: "AttemptsLost"; readonly attempts: number; readonly detail: string }
  /** Its files were never sent to their end. */
  | { readonly _tag: "UploadExpired" }
  /** What it needs could not be installed; `tail` are the installer's last lines. */
  | {
    readonly _tag: "DependenciesFailed"
    readonly declared: string
    readonly reason: "refused" | "timeout"
    readonly tail: string
  }
  /** Its batch came to an end before its turn. */
  | { readonly _tag: "Halted"; readonly by: "halt" | "dependencies" }
