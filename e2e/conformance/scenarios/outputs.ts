/** Files that come back. */
import type { Scenario } from "../Door.ts"
import { bytes, python } from "./python.ts"

export const outputs: ReadonlyArray<Scenario> = [
  python(
    "a file that is made",
    "open('out.txt', 'w').write('made\\n')\n",
    { status: "completed", files: { "out.txt": "made\n" } }
  ),
  python(
    "files in directories that are made",
    "import os\nos.makedirs('x/y/z')\nopen('x/y/z/1.txt', 'w').write('1')\nopen('x/2.txt', 'w').write('2')\n",
    { status: "completed", files: { "x/y/z/1.txt": "1", "x/2.txt": "2" } }
  ),
  python(
    "an empty file and an empty directory",
    "import os\nopen('empty', 'w')\nos.mkdir('hollow')\n",
    { status: "completed", files: { empty: "", "hollow/": "" } }
  ),
  python(
    "an output of all bytes",
    "open('out.bin', 'wb').write(bytes(range(256)) * 300)\n",
    { status: "completed", files: { "out.bin": bytes(256 * 300) } }
  ),
  python(
    "an output with a name of letters and spaces",
    "open('größe 1.txt', 'w').write('x')\n",
    { status: "completed", files: { "größe 1.txt": "x" } }
  ),
  python(
    "an input that is changed",
    "import sys\nopen(sys.argv[1], 'a').write('more\\n')\n",
    { status: "completed", files: { "log.txt": "first\nmore\n" } },
    { files: { "log.txt": "first\n" }, args: ["log.txt"] }
  ),
  python(
    "a hundred files",
    "import os\nos.mkdir('many')\nfor i in range(100): open('many/%03d' % i, 'w').write(str(i))\n",
    {
      status: "completed",
      files: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`many/${String(i).padStart(3, "0")}`, `${i}`]))
    }
  ),
  python(
    "what a failed script made",
    "open('partial.txt', 'w').write('half')\nraise SystemExit(4)\n",
    { status: "failed", exitCode: 4, files: { "partial.txt": "half" } }
  )
]
