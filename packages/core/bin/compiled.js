/**
 * Runs a CommonJS program with the machine code that an earlier run of it left behind. Node's own compile cache keeps
 * only what was compiled before the first line ran; most of a start goes into the functions that are compiled after it.
 */
const { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } = require("node:fs")
const nodeModule = require("node:module")
const { dirname, join } = require("node:path")
const { constants, Script } = require("node:vm")
const { crc32 } = require("node:zlib")

const sumBytes = 4

/** Undefined where there is none, or where it is not what was written. V8 looks whether it fits its version and flags. */
const read = (path) => {
  try {
    const bytes = readFileSync(path)
    const code = bytes.subarray(sumBytes)
    return bytes.readUInt32LE() === crc32(code) ? code : undefined
  } catch {
    return undefined
  }
}

/** Whoever reads meanwhile sees all of it or nothing. What older programs left goes. */
const write = (path, code, isOlder) => {
  try {
    const sum = Buffer.alloc(sumBytes)
    sum.writeUInt32LE(crc32(code))
    const fresh = `${path}.${process.pid}`
    writeFileSync(fresh, Buffer.concat([sum, code]), { mode: 0o600, flag: "wx" })
    renameSync(fresh, path)
    for (const name of readdirSync(dirname(path))) if (isOlder(name)) rmSync(join(dirname(path), name), { force: true })
  } catch {
    // The next start takes as long as this one.
  }
}

/** `kind`: commands that run the same functions. */
const runCompiled = (program, kind) => {
  const directory = nodeModule.getCompileCacheDir?.()
  const text = readFileSync(program, "utf8")
  const prefix = `rgrid-${kind}-${crc32(program).toString(16)}-`
  // Of the text V8 compares no more than the length, and a file's time may be the same for every release.
  const name = `${prefix}${crc32(text).toString(16)}`
  const place = directory === undefined ? null : join(directory, name)
  const cachedData = place === null ? undefined : read(place)
  const source = nodeModule.Module.wrap(text.replace(/^#!.*/, ""))
  const script = new Script(source, {
    filename: program,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  })
  const main = new nodeModule.Module(program)
  const requireThere = nodeModule.createRequire(program)
  Object.assign(main, { filename: program, paths: nodeModule.Module._nodeModulePaths(dirname(program)) })
  // Its own parts require it.
  requireThere.cache[program] = main
  if (place !== null && (cachedData === undefined || script.cachedDataRejected)) {
    process.on("exit", () => write(place, script.createCachedData(), (other) => other.startsWith(prefix) && other !== name))
  }
  script.runInThisContext().call(main.exports, main.exports, requireThere, main, program, dirname(program))
  main.loaded = true
}

module.exports = { runCompiled }
