/** What goes in and comes out beside files. */
import type { Scenario } from "../Door.ts"
import { bytes, python } from "./python.ts"

export const streams: ReadonlyArray<Scenario> = [
  {
    name: "one line",
    files: { "hello.py": "print('hello')\n" },
    script: "hello.py",
    expect: { status: "completed", exitCode: 0, failure: null, stdout: "hello\n", files: {} }
  },
  python(
    "a line without an end",
    "import sys\nsys.stdout.write('no newline')\n",
    { status: "completed", stdout: "no newline" }
  ),
  python("nothing at all", "", { status: "completed", exitCode: 0, stdout: "", files: {} }),
  python(
    "stderr apart from stdout",
    "import sys\nprint('out')\nprint('err', file=sys.stderr)\n",
    { status: "completed", stdout: "out\n", stderr: "err\n" }
  ),
  python(
    "every byte there is",
    "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 64)\n",
    { status: "completed", stdout: bytes(256 * 64) }
  ),
  python(
    "a megabyte of lines",
    "for i in range(20000): print('%049d' % i)\n",
    { status: "completed", stdout: Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(49, "0")}\n`).join("") }
  ),
  python(
    "letters of other alphabets",
    "print('Grüße, мир, 世界, 🌍')\n",
    { status: "completed", stdout: "Grüße, мир, 世界, 🌍\n" }
  ),
  python(
    "lines that look like commands of a build service",
    "print('::error::no')\nprint('::set-output name=a::b')\nprint('##[error]no')\nprint('::stop-commands::x')\n",
    { status: "completed", stdout: "::error::no\n::set-output name=a::b\n##[error]no\n::stop-commands::x\n" }
  ),
  python(
    "stdin",
    "import sys\nprint(sys.stdin.read().upper(), end='')\n",
    { status: "completed", stdout: "ONE\nTWO\n" },
    { stdin: "one\ntwo\n" }
  ),
  python("no stdin", "import sys\nprint(len(sys.stdin.read()))\n", { status: "completed", stdout: "0\n" })
]
