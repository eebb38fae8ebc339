import { run } from "rgrid"

const { exitCode, outputs, status, stdout } = await run("numbered.py", ["lib", "0"])
console.log(JSON.stringify({ status, exitCode, stdout, outputs }))
