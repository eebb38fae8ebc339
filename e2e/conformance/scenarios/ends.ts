/** Ways to end that are not well. */
import type { Scenario } from "../Door.ts"
import { python } from "./python.ts"

export const ends: ReadonlyArray<Scenario> = [
  python("an exit code of its own", "raise SystemExit(3)\n", { status: "failed", exitCode: 3, failure: "ScriptExited" }),
  python("exit code 255", "raise SystemExit(255)\n", { status: "failed", exitCode: 255, failure: "ScriptExited" }),
  python(
    "an exception",
    "def f(): raise ValueError('no such thing')\nf()\n",
    { status: "failed", exitCode: 1, failure: "ScriptExited", stderr: "ValueError: no such thing\n" }
  ),
  python(
    "a module that is missing",
    "import nosuchmoduleanywhere_rgrid\n",
    { status: "failed", exitCode: 1, failure: "ScriptExited", stderr: "No module named 'nosuchmoduleanywhere_rgrid'" }
  ),
  python(
    "a script that kills itself",
    "import os, signal\nprint('before')\nos.kill(os.getpid(), signal.SIGKILL)\n",
    { status: "failed", exitCode: 137, failure: "ScriptSignaled", stdout: "before\n" }
  ),
  python(
    "a script that ends by SIGTERM",
    "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n",
    { status: "failed", exitCode: 143, failure: "ScriptSignaled" }
  ),
  python(
    "a time limit",
    "import time\nprint('begun')\ntime.sleep(60)\n",
    { status: "timed out", failure: "TimedOut", stdout: "begun\n" },
    { timeout: 1 }
  ),
  python(
    "a memory limit",
    "x = []\nwhile True: x.append(bytearray(8 * 1024 * 1024))\n",
    { status: "failed", failure: "OutOfMemory" },
    { memoryMegabytes: 64 }
  )
]
