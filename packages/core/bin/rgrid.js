#!/usr/bin/env node
/**
 * The program `rgrid`. It is all that has to run on an old Node: it finds a Node that suffices and the command line
 * proper (@rgrid/cli, which the library does not depend on), and hands over.
 */
const { existsSync, mkdirSync, readFileSync, realpathSync } = require("node:fs")
const nodeModule = require("node:module")
const { constants, homedir } = require("node:os")
const { delimiter, dirname, isAbsolute, join } = require("node:path")
const { pathToFileURL } = require("node:url")

const here = realpathSync(__filename)
const args = process.argv.slice(2)
const gridsFault = 125

const end = (message) => {
  process.stderr.write(`rgrid: ${message}\n`)
  process.exit(gridsFault)
}

/** The oldest that runs RGrid: `engines` in package.json. */
const suffices = (version) => {
  const [major, minor] = version.split(".").map(Number)
  return major > 22 || (major === 22 && minor >= 19)
}

/** Becomes another program as far as can be: its streams, its signals, its exit code. */
const become = (program, argv, env) => {
  const { spawn } = require("node:child_process")
  const child = spawn(program, argv, { stdio: "inherit", env: { ...process.env, ...env } })
  const atTerminal = Boolean(process.stdin.isTTY || process.stdout.isTTY || process.stderr.isTTY)
  for (const signal of ["SIGINT", "SIGQUIT", "SIGTERM", "SIGHUP", "SIGUSR2"]) {
    // A terminal sends its Ctrl+C to both of us; passed on as well it would be a second one.
    const fromTerminal = atTerminal && (signal === "SIGINT" || signal === "SIGQUIT")
    process.on(signal, () => fromTerminal || child.kill(signal))
  }
  child.on("error", (error) => end(`can't start ${program}: ${error.message}`))
  child.on("exit", (code, signal) => process.exit(signal === null ? code : 128 + constants.signals[signal]))
}

/** `$RGRID_NODE`, else the Node that a clone's set-up has put into `.tools`. */
const otherNode = () => {
  if (process.env.RGRID_NODE) return process.env.RGRID_NODE
  const name = `node-${process.platform}-${process.arch}`
  for (let place = dirname(here); place !== dirname(place); place = dirname(place)) {
    const node = join(place, ".tools", "node_modules", name, "bin", "node")
    if (existsSync(node)) return node
  }
  return null
}

const onOtherNode = () => {
  const node = otherNode()
  // Once only: $RGRID_NODE may itself be too old.
  if (node === null || process.env.RGRID_REEXECUTED) {
    end(
      `RGrid needs Node 22.19 or newer; this is ${process.version}. ` +
        `Run it as: npx -p node@24 -p rgrid rgrid ${args.join(" ")}`
    )
  } else become(node, [...process.execArgv, "--", here, ...args], { RGRID_REEXECUTED: "1" })
}

/** From beside this package (also with the caller's --conditions), else from where the command is given. */
const commandLine = () => {
  for (const place of [here, join(process.cwd(), "package.json")]) {
    try {
      return nodeModule.createRequire(place).resolve("@rgrid/cli/bin")
    } catch {
      // Not there.
    }
  }
  return null
}

/** Yarn's Plug'n'Play stands before the file system of whatever Node starts: what npm brings is not among its packages. */
const withoutPlugAndPlay = (options = "") =>
  options.replace(/--(?:require|import|experimental-loader)[ =](?:"[^"]*\.pnp\.[^"]*"|\S*\.pnp\.\S*)/g, "").trim()

const throughNpm = () => {
  if (existsSync(join(dirname(here), "../src"))) end("this clone is not built yet: npm start sets it up.")
  const { version } = JSON.parse(readFileSync(join(dirname(here), "../package.json"), "utf8"))
  // Asked for `rgrid`, npm would start the one that is installed here: this very file.
  become("npm", ["exec", "--yes", `--package=@rgrid/cli@${version}`, "--", "rgrid-cli", ...args], {
    NODE_OPTIONS: withoutPlugAndPlay(process.env.NODE_OPTIONS),
    // npm's programs are to run on this very Node.
    PATH: `${dirname(process.execPath)}${delimiter}${process.env.PATH ?? ""}`
  })
}

/** What the whole program would say, kept beside it. Only where it is plain whether it would colour that. */
const help = (program) => {
  if (args.length !== 1 || !["--help", "-h"].includes(args[0])) return null
  const { FORCE_COLOR, NO_COLOR, TERM } = process.env
  if (FORCE_COLOR !== undefined || NO_COLOR !== undefined || TERM === "dumb") return null
  try {
    const { colored, plain } = JSON.parse(readFileSync(join(dirname(program), "help.json"), "utf8"))
    return process.stdout.isTTY ? colored : plain
  } catch {
    return null
  }
}

/** In the person's own directory: code that others could lay down in one for all would be run as theirs. */
const keepCode = () => {
  const told = process.platform === "win32" ? process.env.LOCALAPPDATA : process.env.XDG_CACHE_HOME
  const directory = join(told !== undefined && isAbsolute(told) ? told : join(homedir(), ".cache"), "rgrid", "code")
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 })
    nodeModule.enableCompileCache?.(directory)
  } catch {
    // The start takes longer.
  }
}

if (suffices(process.versions.node)) {
  // The marks are for this process; a script or an editor started from here may call rgrid again.
  delete process.env.RGRID_REEXECUTED
  keepCode()
  const program = commandLine()
  const text = program === null ? null : help(program)
  if (program === null) throughNpm()
  else if (text !== null) process.stdout.write(text)
  else if (program.endsWith(".cjs")) require("./compiled.js").runCompiled(program, args[0] === "run" ? "run" : "other")
  else import(pathToFileURL(program).href)
} else onOtherNode()
