/** A grid of its own for a test: started, spoken to and killed through what a user has. */
import { execFile, spawn, spawnSync, type ChildProcess } from "node:child_process"
import { createHash } from "node:crypto"
import { chmodSync, cpSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"

const here = dirname(fileURLToPath(import.meta.url))
export const rgridProgram = join(here, "../packages/core/bin/rgrid.js")
export const scripts = join(here, "scripts")
export const examples = join(here, "../examples")

export interface Finished {
  readonly code: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface RunningCommand {
  readonly child: ChildProcess
  readonly finished: Promise<Finished>
  readonly stdout: () => Buffer
  readonly stderr: () => string
}

export interface CommandOptions {
  readonly cwd?: string
  readonly env?: Readonly<Record<string, string>>
  /** `open`: a pipe that the test writes to. */
  readonly stdin?: string | Buffer | { readonly open: true }
}

const isOpen = (stdin: CommandOptions["stdin"]): boolean => typeof stdin === "object" && "open" in stdin

export const sha256 = (bytes: string | Uint8Array): string => createHash("sha256").update(bytes).digest("hex")

/** Whether a program is here. */
export const has = (program: string): boolean => spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0

/** Polls until `look` gives something; says what it gave last when it gives up. */
export const waitUntil = async <A>(
  what: string,
  look: () => Promise<A | undefined> | A | undefined,
  seconds = 60
): Promise<A> => {
  const end = Date.now() + seconds * 1000
  let last: unknown
  while (Date.now() < end) {
    try {
      const seen = await look()
      if (seen !== undefined) return seen
      last = undefined
    } catch (error) {
      last = error
    }
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new Error(`gave up waiting until ${what}; last seen: ${String(last)}`)
}

/** Command lines of living processes, by pid. */
const processes = (): ReadonlyMap<number, string> => {
  const found = new Map<number, string>()
  for (const name of readdirSync("/proc")) {
    if (!/^\d+$/.test(name)) continue
    try {
      const zombie = / Z /.test(readFileSync(`/proc/${name}/stat`, "latin1").replace(/\(.*\)/, ""))
      if (!zombie) found.set(Number(name), readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim())
    } catch {
      // It ended between the listing and the reading.
    }
  }
  return found
}

type Environment = Readonly<Record<string, string>>

/** A grid and how it is, but not where packages come from; a colour; the run of CI that these tests may themselves be part of. */
const named = /^RGRID_(?!(?:CA_BUNDLE|NPM_REGISTRY|PACKAGE_INDEX)$)|_COLOR$|^(?:ACTIONS|GITHUB|INPUT|RUNNER|STATE)_|^(?:BUILDKITE|CIRCLECI|GITLAB_CI|JENKINS_URL)$/

/** The environment without what names them. */
export const unnamed = (): Environment =>
  Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => value === undefined || named.test(name) ? [] : [[name, value]]))

export class TestGrid {
  readonly home: string
  readonly directory: string
  /** What commands remember. */
  readonly cache: string
  private readonly env: Environment

  constructor(env: Environment = {}) {
    this.home = mkdtempSync(join(tmpdir(), "rgrid-e2e-"))
    // As root the grid's Postgres is another user and has to pass through.
    chmodSync(this.home, 0o711)
    this.directory = join(this.home, "grid")
    this.cache = join(this.home, "cache")
    // Whoever runs the tests may have a grid of their own.
    this.env = { RGRID_PROFILE: "local", XDG_CACHE_HOME: this.cache, ...env, RGRID_HOME: this.directory }
  }

  /** What a program has that finds this grid as that of its machine. */
  environment(): Environment {
    return { ...unnamed(), ...this.env }
  }

  /** What a program has that is told of this grid by address and key, and has no grid of its machine. */
  named(): Environment {
    const { key, url } = this.file()
    return { ...unnamed(), XDG_CACHE_HOME: this.cache, RGRID_HOME: join(this.home, "none"), RGRID_URL: url, RGRID_API_KEY: key }
  }

  /** A directory with copies of these files, to run in. */
  workplace(...files: ReadonlyArray<string>): string {
    const place = mkdtempSync(join(this.home, "work-"))
    for (const file of files) cpSync(file, join(place, file.slice(file.lastIndexOf("/") + 1)), { recursive: true })
    return place
  }

  start(args: ReadonlyArray<string>, options: CommandOptions = {}): RunningCommand {
    const child = spawn(process.execPath, ["--", rgridProgram, ...args], {
      cwd: options.cwd ?? this.home,
      env: { ...this.environment(), ...options.env },
      stdio: [options.stdin === undefined ? "ignore" : "pipe", "pipe", "pipe"]
    })
    const out: Array<Buffer> = []
    const err: Array<Buffer> = []
    child.stdout!.on("data", (chunk: Buffer) => out.push(chunk))
    child.stderr!.on("data", (chunk: Buffer) => err.push(chunk))
    // A script that does not read leaves its writer with a closed pipe: no failure of the test.
    child.stdin?.on("error", () => undefined)
    if (options.stdin !== undefined && !isOpen(options.stdin)) child.stdin!.end(options.stdin)
    const stdout = () => Buffer.concat(out)
    const stderr = () => Buffer.concat(err).toString()
    const finished = new Promise<Finished>((resolve) =>
      child.on("close", (code) => resolve({ code, stdout: stdout(), stderr: stderr() }))
    )
    return { child, finished, stdout, stderr }
  }

  run(args: ReadonlyArray<string>, options: CommandOptions = {}): Promise<Finished> {
    return this.start(args, options).finished
  }

  /** Runs a command at a terminal: each answer is typed once its question was seen. */
  atTerminal(
    args: ReadonlyArray<string>,
    answers: ReadonlyArray<readonly [question: string, answer: string]>,
    options: CommandOptions = {}
  ): Promise<Finished> {
    return local(
      "python3",
      [join(scripts, "at_terminal.py"), JSON.stringify(answers), process.execPath, "--", rgridProgram, ...args],
      options.cwd ?? this.home,
      { ...this.environment(), TERM: "xterm", ...options.env }
    )
  }

  async json(args: ReadonlyArray<string>, options: CommandOptions = {}): Promise<any> {
    const { code, stderr, stdout } = await this.run([...args, "--json"], options)
    if (code !== 0) throw new Error(`rgrid ${args.join(" ")} exited with ${code}: ${stderr}`)
    return JSON.parse(stdout.toString())
  }

  async up(sandbox: "docker" | "oci" | "process"): Promise<void> {
    const { code, stderr } = await this.run(["up", "--sandbox", sandbox])
    if (code !== 0) throw new Error(`rgrid up exited with ${code}: ${stderr}`)
  }

  /** URL and key of the grid. */
  file(): { readonly url: string; readonly key: string } {
    return JSON.parse(readFileSync(join(this.directory, "grid.json"), "utf8"))
  }

  /** This grid's processes whose command line matches. */
  pids(pattern: RegExp): ReadonlyArray<number> {
    return TestGrid.pidsAt(this.directory, pattern)
  }

  /** Those of the grid that lives there. */
  static pidsAt(directory: string, pattern: RegExp): ReadonlyArray<number> {
    return [...processes()].filter(([pid, line]) => pattern.test(line) && TestGrid.owns(directory, pid, line)).map(([pid]) => pid)
  }

  private static owns(directory: string, pid: number, line: string): boolean {
    if (line.includes(directory)) return true
    try {
      return readlinkSync(`/proc/${pid}/cwd`).startsWith(directory) ||
        readFileSync(`/proc/${pid}/environ`, "utf8").includes(directory)
    } catch {
      return false
    }
  }

  server(): number {
    return this.one(/ server( |$)/)
  }

  runner(): number {
    return this.one(/ runner( |$)/)
  }

  postmaster(): number {
    return this.one(/bin\/postgres /)
  }

  private one(pattern: RegExp): number {
    const found = this.pids(pattern).filter((pid) => pid !== process.pid)
    if (found.length === 0) throw new Error(`no process matches ${pattern}`)
    return Math.min(...found)
  }

  /** Resident memory of a process, bytes. */
  static residentBytes(pid: number): number {
    const kibibytes = /VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]
    return Number(kibibytes) * 1024
  }

  async down(): Promise<void> {
    await this.run(["down"])
    const left = this.pids(/server|runner|postgres|keeper/)
    for (const pid of left) process.kill(pid, "SIGKILL")
    rmSync(this.home, { recursive: true, force: true })
    if (left.length > 0) throw new Error(`rgrid down left ${left.length} processes`)
  }
}

/** What a program says and how it ends, run here; without a code when a signal ended it. Fails when it can't be started. */
export const local = (
  program: string,
  args: ReadonlyArray<string>,
  cwd: string,
  env: NodeJS.ProcessEnv = process.env
): Promise<Finished> =>
  new Promise((resolve, reject) =>
    execFile(program, args, { cwd, env, encoding: "buffer", maxBuffer: 2 ** 30 }, (error, stdout, stderr) => {
      // A word says what went wrong here: it is missing, or says too much.
      if (typeof error?.code === "string") return reject(error)
      resolve({ code: error === null ? 0 : error.code ?? null, stdout, stderr: stderr.toString() })
    })
  )

/** Git as somebody, whoever runs the tests; what it said. */
export const git = async (cwd: string, ...args: ReadonlyArray<string>): Promise<string> => {
  const { code, stderr, stdout } = await local("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], cwd)
  if (code !== 0) throw new Error(`git ${args.join(" ")} ended with ${code}: ${stderr}`)
  return stdout.toString().trim()
}
