import { execFileSync, fork, spawn } from "node:child_process"
console.log(execFileSync("echo", ["sync"]).toString())
if (process.argv[2] === "child") process.send("from the fork")
else {
  const child = fork(new URL(import.meta.url), ["child"])
  child.on("message", (message) => console.log(message))
  child.on("exit", () => spawn("sh", ["-c", "echo spawned; exit 9"], { stdio: "inherit" }).on("exit", (code) => process.exit(code)))
}
