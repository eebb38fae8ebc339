/** What is not Python, or not the usual one. */
import type { Scenario } from "../Door.ts"
import { python } from "./python.ts"

export const languages: ReadonlyArray<Scenario> = [
  {
    name: "bash",
    files: { "a.sh": "set -e\necho \"$1\" > out.txt\necho \"${#1}\"\n" },
    script: "a.sh",
    args: ["four"],
    expect: { status: "completed", stdout: "4\n", files: { "out.txt": "four\n" } }
  },
  {
    name: "Node",
    files: { "a.js": "require('fs').writeFileSync('out.json', JSON.stringify(process.argv.slice(2)))\nconsole.log('ok')\n" },
    script: "a.js",
    args: ["x y"],
    expect: { status: "completed", stdout: "ok\n", files: { "out.json": "[\"x y\"]" } }
  },
  {
    name: "Node's exception",
    files: { "a.js": "throw new TypeError('not so')\n" },
    script: "a.js",
    expect: { status: "failed", exitCode: 1, failure: "ScriptExited", stderr: "TypeError: not so" }
  },
  python(
    "Python in another image that has it",
    "print('there')\n",
    { status: "completed", stdout: "there\n" },
    { runtime: "python:3.11" }
  )
]
