/**
 * Runs a CommonJS program with the machine code that an earlier run of it left behind. Node's own compile cache keeps
 * only what was compiled before the first line ran; most of a start goes into the functions that are compiled after it.
 */
// Imported, a builtin becomes an ES module, which reads every export it has.
const { readdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } = process.getBuiltinModule("node:fs")
const nodeModule = process.getBuiltinModule("node:module")
const { dirname, join } = process.getBuiltinModule("node:path")
const { constants, Script } = process.getBuiltinModule("node:vm")
const { crc32 } = process.getBuiltinModule("node:zlib")

const sumBytes = 4

/** Null where there is none, or where it is not what was written. V8 itself looks whether it fits source and version. */
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
export const runCompiled = (program, kind) => {
  const directory = nodeModule.getCompileCacheDir?.()
  const { mtimeMs, size } = statSync(program)
  const prefix = `rgrid-${kind}-${crc32(program).toString(16)}-`
  const name = `${prefix}${mtimeMs}-${size}`
  const place = directory === undefined ? null : join(directory, name)
  const cachedData = place === null ? undefined : read(place)
  const source = nodeModule.Module.wrap(readFileSync(program, "utf8").replace(/^#!.*/, ""))
  const script = new Script(source, {
    filename: program,
    cachedData,
    importModuleDynamically: constants.USE_MAIN_CONTEXT_DEFAULT_LOADER
  })
  const module = new nodeModule.Module(program)
  const require = nodeModule.createRequire(program)
  Object.assign(module, { filename: program, paths: nodeModule.Module._nodeModulePaths(dirname(program)) })
  // Its own parts require it.
  require.cache[program] = module
  if (place !== null && (cachedData === undefined || script.cachedDataRejected)) {
    process.on("exit", () => write(place, script.createCachedData(), (other) => other.startsWith(prefix) && other !== name))
  }
  script.runInThisContext().call(module.exports, module.exports, require, module, program, dirname(program))
  module.loaded = true
}
