/** A step as GitHub's runner runs it: inputs as variables, files for what it tells, commands read from its output. */
import { spawn, type ChildProcess } from "node:child_process"
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { unnamed } from "../harness.ts"

export const actionProgram = fileURLToPath(new URL("../../packages/action/dist/index.js", import.meta.url))

export interface Command {
  readonly name: string
  readonly properties: Readonly<Record<string, string>>
  readonly value: string
}

/** What a run of one program of the action came to. */
export interface Ran {
  readonly code: number | null
  /** Byte for byte. */
  readonly raw: string
  readonly commands: ReadonlyArray<Command>
  /** Lines that are no commands, masked. */
  readonly log: ReadonlyArray<string>
  readonly outputs: Readonly<Record<string, string>>
  readonly state: Readonly<Record<string, string>>
  readonly summary: string
  readonly stderr: string
}

const unescaped = (text: string): string =>
  text.replace(/%(0D|0A|3A|2C|25)/gi, (_, code: string) => String.fromCharCode(Number.parseInt(code, 16)))

const propertiesOf = (text: string): Record<string, string> =>
  Object.fromEntries(text.split(",").filter((pair) => pair.includes("=")).map((pair) => {
    const at = pair.indexOf("=")
    return [pair.slice(0, at).trim(), unescaped(pair.slice(at + 1))]
  }))

/** Both ways to write a command: `::` at a line's beginning, `##[` anywhere in it. */
const commandIn = (line: string, token: string | null): Command | null => {
  const match = /^\s*::([^ :]+)(?: (.*?))?::(.*)$/.exec(line) ?? /##\[([^\] ]+)(?: ([^\]]*))?\](.*)$/.exec(line)
  if (match === null) return null
  const [, name = "", properties = "", value = ""] = match
  // While commands are stopped only the token counts.
  if (token !== null && name !== token) return null
  return { name, properties: propertiesOf(properties), value: unescaped(value) }
}

/** The runner ends a line at `\n`, `\r\n` and a lone `\r`. */
export const readOutput = (raw: string) => {
  let token: string | null = null
  const masks: Array<string> = []
  const commands: Array<Command> = []
  const log: Array<string> = []
  for (const line of raw.split(/\r\n|\n|\r/)) {
    const command = commandIn(line, token)
    if (command === null) {
      log.push(masks.reduce((text, mask) => text.replaceAll(mask, "***"), line))
      continue
    }
    if (command.name === token) token = null
    else if (command.name === "stop-commands") token = command.value
    else if (command.name === "add-mask") masks.push(command.value)
    commands.push(command)
  }
  return { commands, log }
}

/** `NAME<<DELIMITER`, lines, `DELIMITER`. */
const keyedFile = (path: string): Record<string, string> => {
  const all: Record<string, string> = {}
  const lines = readFileSync(path, "utf8").split("\n")
  for (let i = 0; i < lines.length; i++) {
    const [, name, delimiter] = /^([^=<]+)<<(.+)$/.exec(lines[i]!) ?? []
    if (name === undefined) continue
    const end = lines.indexOf(delimiter!, i + 1)
    all[name] = lines.slice(i + 1, end).join("\n")
    i = end
  }
  return all
}

type Values = Readonly<Record<string, string>>

export interface Setting {
  readonly workspace: string
  readonly inputs: Values
  readonly env?: NodeJS.ProcessEnv
  /** Another copy of the Action than that of this clone. */
  readonly program?: string
}

export class Step {
  private readonly files: Readonly<Record<"output" | "state" | "summary" | "env" | "path", string>>
  private readonly env: NodeJS.ProcessEnv
  private readonly program: string

  constructor({ env, inputs, program = actionProgram, workspace }: Setting, home: string) {
    this.program = program
    const place = mkdtempSync(join(home, "step-"))
    const file = (name: string) => {
      const path = join(place, name)
      writeFileSync(path, "")
      return path
    }
    this.files = { output: file("output"), state: file("state"), summary: file("summary"), env: file("env"), path: file("path") }
    this.env = {
      ...unnamed(),
      GITHUB_ACTIONS: "true",
      CI: "true",
      GITHUB_WORKSPACE: workspace,
      GITHUB_OUTPUT: this.files.output,
      GITHUB_STATE: this.files.state,
      GITHUB_STEP_SUMMARY: this.files.summary,
      GITHUB_ENV: this.files.env,
      GITHUB_PATH: this.files.path,
      GITHUB_RUN_ID: "42",
      GITHUB_RUN_ATTEMPT: "1",
      GITHUB_JOB: "fit",
      GITHUB_ACTION: "__self",
      GITHUB_WORKFLOW: "Nightly",
      RUNNER_TEMP: place,
      ...Object.fromEntries(Object.entries(inputs).map(([name, value]) => [`INPUT_${name.toUpperCase()}`, value])),
      ...env
    }
  }

  private start(env: NodeJS.ProcessEnv): { readonly child: ChildProcess; readonly ran: Promise<Ran> } {
    const cwd = this.env["GITHUB_WORKSPACE"]
    const child = spawn(process.execPath, [this.program], { env, cwd, stdio: ["ignore", "pipe", "pipe"] })
    const heard = { stdout: new Array<Buffer>(), stderr: new Array<Buffer>() }
    child.stdout.on("data", (chunk: Buffer) => heard.stdout.push(chunk))
    child.stderr.on("data", (chunk: Buffer) => heard.stderr.push(chunk))
    const ran = new Promise<Ran>((resolve) =>
      child.on("close", (code) => {
        const raw = Buffer.concat(heard.stdout).toString()
        const { commands, log } = readOutput(raw)
        resolve({
          code,
          raw,
          commands,
          log,
          outputs: keyedFile(this.files.output),
          state: keyedFile(this.files.state),
          summary: readFileSync(this.files.summary, "utf8"),
          stderr: Buffer.concat(heard.stderr).toString()
        })
      })
    )
    return { child, ran }
  }

  main() {
    return this.start(this.env)
  }

  /** What it has saved so far. */
  state(): Record<string, string> {
    return keyedFile(this.files.state)
  }

  /** After the job's other steps, with what the main program left. */
  post(): Promise<Ran> {
    const state = Object.entries(this.state()).map(([name, value]) => [`STATE_${name}`, value])
    return this.start({ ...this.env, ...Object.fromEntries(state) }).ran
  }
}

export const named = ({ commands }: Pick<Ran, "commands">, name: string): ReadonlyArray<Command> =>
  commands.filter((command) => command.name === name)
