import { run } from "rgrid"

const { exitCode, outputs, stdout } = await run("hello.py", ["module"])
console.log(exitCode, stdout.trim(), outputs.map((output) => output.path).join())
