/** What is asked for: one declarative, versioned document. `rgrid run` writes one; `POST /api/v1/executions` takes one. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"

/** Bytes of one stored part of a file: large files resume, deduplicate and verify by part (64 MiB). */
export const partBytes = 64 * 1024 * 1024

export const Sha256 = Schema.String.check(Schema.isPattern(/^[0-9a-f]{64}$/)).pipe(Schema.brand("Sha256"))
export type Sha256 = typeof Sha256.Type

/** Text that a database column can hold: anything but the zero byte. */
export const Text = Schema.String.check(
  Schema.makeFilter((text: string) => !text.includes("\0") || "text without a zero byte")
)

export const ByteCount = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))

/** A file's content by address. An empty file has no parts. All parts but the last are `partBytes` long. */
export const FileContent = Schema.Struct({
  size: ByteCount,
  sha256: Sha256,
  parts: Schema.Array(Sha256)
}).annotate({ identifier: "FileContent" })
export type FileContent = typeof FileContent.Type

/**
 * A path inside a workspace: `/` between names, relative to the working directory, and never leading out of it. Names are
 * compared as bytes; nothing is normalised.
 */
export const isWorkspacePath = (path: string): boolean =>
  path.length > 0 && path.length <= 4096 && !path.startsWith("/") && !path.includes("\0") &&
  path.split("/").every((name) => name !== "" && name !== "." && name !== "..")

/** An absolute path without `.`, `..` or empty names. `/` alone counts. */
export const isCleanAbsolutePath = (path: string): boolean =>
  path === "/" || (path.startsWith("/") && isWorkspacePath(path.slice(1)))

export const WorkspacePath = Schema.String.check(
  Schema.makeFilter((path: string) => isWorkspacePath(path) || "a path inside the working directory, without '..'")
)

export const AbsolutePath = Schema.String.check(
  Schema.makeFilter((path: string) => isCleanAbsolutePath(path) || "an absolute path without '..'")
)

/** Where a file stands there: inside the working directory, or at its own absolute path outside it. */
export const StagedPath = Schema.Union([WorkspacePath, AbsolutePath])

/** Permission bits only: what travels never carries setuid, setgid or sticky. */
export const FileMode = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 0o777 }))

/** Milliseconds since 1970, with fractions: to a quarter of a microsecond in our time. */
export const ModifiedAt = Schema.Finite.check(Schema.isBetween({ minimum: -8.64e15, maximum: 8.64e15 }))

/** As `utimes` takes it: for it, a negative number is the present. */
export const fileTime = (modifiedAt: number): number | Date => modifiedAt < 0 ? new Date(modifiedAt) : modifiedAt / 1000

/** What may be left out of a job: this is meant then. */
export const otherwise = <S extends Schema.Top & Schema.WithoutConstructorDefault>(schema: S, value: S["Encoded"]) =>
  schema.pipe(Schema.withDecodingDefaultKey<S>(Effect.succeed(value)))

export const InputFile = Schema.Struct({
  path: StagedPath,
  mode: otherwise(FileMode, 0o644),
  /** Absent: as old as the attempt. No part of what makes two jobs the same. */
  modifiedAt: Schema.optionalKey(ModifiedAt),
  content: FileContent
}).annotate({ identifier: "InputFile" })
export type InputFile = typeof InputFile.Type

export const EnvName = Schema.String.check(Schema.isPattern(/^[A-Za-z_][A-Za-z0-9_]*$/))
export const isEnvName = Schema.is(EnvName)
export const Environment = Schema.Record(EnvName, Schema.String)

export const Resources = Schema.Struct({
  /** Cores; fractions allowed. Absent: as the grid has it (1 on a shared grid, all on one's own machine). */
  cpu: Schema.optionalKey(Schema.Finite.check(Schema.isBetween({ minimum: 0.01, maximum: 1024 }))),
  /** Bytes. Absent: 2 GiB on a shared grid, three quarters of the memory on one's own machine. */
  memoryBytes: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(16 * 1024 * 1024)))
}).annotate({ identifier: "Resources" })
export type Resources = typeof Resources.Type

/** How a script's dependencies are written down, which decides how they are installed. */
export const DependencyKind = Schema.Literals([
  "requirements",
  "script",
  "uv-lock",
  "pyproject",
  "npm-lock",
  "pnpm-lock",
  "yarn-lock"
])
export type DependencyKind = typeof DependencyKind.Type

/** What is installed before the script starts, apart from it and once for all who need the same. */
export const Dependencies = Schema.Struct({
  kind: DependencyKind,
  /** Where they are declared, as a person knows it: `requirements.txt`. */
  declared: Text,
  /** All that the installing sees, the declaration first. Paths are its own, not the workspace's. */
  files: Schema.Array(Schema.Struct({ path: WorkspacePath, content: FileContent })).check(Schema.isMinLength(1)),
  /** Directory that gets the `node_modules`: as `cwd` sees it, `.` for itself. Node only. */
  root: Schema.optionalKey(Schema.Union([StagedPath, Schema.Literal(".")])),
  /** Built anew, whatever has been built before. */
  fresh: Schema.optionalKey(Schema.Literal(true))
}).annotate({ identifier: "Dependencies" })
export type Dependencies = typeof Dependencies.Type

const Size = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 65_535 }))
const Word = Text.check(Schema.isNonEmpty(), Schema.isMaxLength(256))

/** What a script would notice of the caller's machine and terminal. A sandbox gives it what it can have. */
export const Surroundings = Schema.Struct({
  /** As `TZ` has it, `Europe/Berlin`. Absent: UTC. */
  timeZone: Schema.optionalKey(Word),
  /** As `LANG` has it, `de_DE.UTF-8`. */
  locale: Schema.optionalKey(Word),
  /** As `TERM` has it. */
  terminal: Schema.optionalKey(Word),
  /** Of the terminal that shows the output. */
  columns: Schema.optionalKey(Size),
  lines: Schema.optionalKey(Size)
}).annotate({ identifier: "Surroundings" })
export type Surroundings = typeof Surroundings.Type

/** What a job is that says no more. */
const plain = {
  version: 1,
  args: [],
  files: [],
  directories: [],
  env: {},
  secrets: {},
  resources: {},
  network: "open",
  retries: 2,
  metadata: {}
} as const

/** A job's description. Nothing in it is read from the server's side but what the account stored before. */
export const JobSpec = Schema.Struct({
  version: otherwise(Schema.Literal(1), plain.version),
  /** A runtime's name (`python:3.11`) or any image reference. */
  runtime: Text.check(Schema.isNonEmpty()),
  /** The script as it was typed, relative to `cwd` or absolute. */
  script: Text.check(Schema.isNonEmpty()),
  /** The script's own arguments, as they were typed. */
  args: otherwise(Schema.Array(Schema.String), plain.args),
  /** What the script is handed to, `["python3"]`; empty: the script is executed itself. */
  interpreter: otherwise(Schema.Array(Schema.NonEmptyString), []),
  /** The caller's absolute working directory. */
  cwd: otherwise(AbsolutePath, "/work"),
  files: otherwise(Schema.Array(InputFile), plain.files),
  /** Directories that exist there before the script starts, beside those of `files`. */
  directories: otherwise(Schema.Array(StagedPath), plain.directories),
  env: otherwise(Environment, plain.env),
  /** As `env`, and masked in logs. */
  secrets: otherwise(Environment, plain.secrets),
  surroundings: Schema.optionalKey(Surroundings),
  /** Absent: nothing is installed. */
  dependencies: Schema.optionalKey(Dependencies),
  /** What the script reads on stdin; absent: nothing. `streamed`: it is sent while the script runs. */
  stdin: Schema.optionalKey(Schema.Union([FileContent, Schema.Literal("streamed")])),
  resources: otherwise(Resources, plain.resources),
  /** Seconds; absent: no limit. */
  timeoutSeconds: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(1))),
  network: otherwise(Schema.Literals(["open", "none"]), plain.network),
  /**
   * `execution` (also when absent): every execution has a slot of its own. `batch`: the items of one batch may follow each
   * other in a slot, each in fresh processes and a fresh workspace.
   */
  isolation: Schema.optionalKey(Schema.Literals(["execution", "batch"])),
  /** How often an attempt lost to the grid is made anew. The script's own failures never are. */
  retries: otherwise(Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 20 })), plain.retries),
  metadata: otherwise(Schema.Record(Schema.String, Schema.String), plain.metadata)
}).annotate({ identifier: "JobSpec" })
export type JobSpec = typeof JobSpec.Type

/** A spec with every default filled in; `over` names what differs. */
export const jobSpec = (
  over: Partial<JobSpec> & Pick<JobSpec, "runtime" | "script" | "interpreter" | "cwd">
): JobSpec => ({ ...plain, ...over })

/** Every stored part a spec refers to, once each, with its size. */
export const partsOf = (contents: Iterable<FileContent>): ReadonlyMap<Sha256, number> => {
  const parts = new Map<Sha256, number>()
  for (const content of contents) {
    content.parts.forEach((part, index) =>
      parts.set(part, index < content.parts.length - 1 ? partBytes : content.size - index * partBytes)
    )
  }
  return parts
}

export const contentsOf = (spec: JobSpec): ReadonlyArray<FileContent> => [
  ...spec.files.map((file) => file.content),
  ...(spec.dependencies?.files ?? []).map((file) => file.content),
  ...(spec.stdin === undefined || spec.stdin === "streamed" ? [] : [spec.stdin])
]
