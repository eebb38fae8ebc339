import os from "node:os"
console.log(process.version, process.platform, process.stdout.isTTY, process.stdout.columns, Intl.DateTimeFormat().resolvedOptions().timeZone)
console.log(new Date(0).toString(), (1234567.891).toLocaleString(), os.EOL === "\n", process.execArgv)
process.emitWarning("careful")
