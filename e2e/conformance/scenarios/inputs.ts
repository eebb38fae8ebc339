/** Files that travel. */
import type { Scenario } from "../Door.ts"
import { bytes, python } from "./python.ts"

export const inputs: ReadonlyArray<Scenario> = [
  python(
    "a file that is named",
    "import sys\nprint(open(sys.argv[1]).read(), end='')\n",
    { status: "completed", stdout: "content\n", files: {} },
    { files: { "in.txt": "content\n" }, args: ["in.txt"] }
  ),
  python(
    "a file with spaces and letters in its name",
    "import sys\nprint(open(sys.argv[1]).read(), end='')\n",
    { status: "completed", stdout: "content\n" },
    { files: { "my dir/größe 1.txt": "content\n" }, args: ["my dir/größe 1.txt"] }
  ),
  python(
    "a directory that is named",
    "import os, sys\nprint(sorted(os.listdir(sys.argv[1])))\n",
    { status: "completed", stdout: "['a.txt', 'b.txt']\n" },
    { files: { "data/b.txt": "b", "data/a.txt": "a" }, args: ["data"] }
  ),
  python(
    "a module of one's own",
    "from helper import twice\nprint(twice(21))\n",
    { status: "completed", stdout: "42\n", files: {} },
    { files: { "helper.py": "def twice(x): return 2 * x\n" } }
  ),
  python(
    "a package of one's own",
    "import tools.sums\nprint(tools.sums.add(1, 2))\n",
    { status: "completed", stdout: "3\n" },
    { files: { "tools/__init__.py": "", "tools/sums.py": "def add(a, b): return a + b\n" } }
  ),
  python(
    "a file that the script opens by its name",
    "print(open('settings.ini').read(), end='')\n",
    { status: "completed", stdout: "[a]\n" },
    { files: { "settings.ini": "[a]\n" } }
  ),
  {
    name: "a script in a directory below",
    files: { "jobs/a.py": "import os\nprint(os.path.basename(os.path.dirname(os.path.abspath(__file__))))\n" },
    script: "jobs/a.py",
    expect: { status: "completed", stdout: "jobs\n" }
  },
  python(
    "an input of all bytes",
    "import hashlib, sys\nprint(hashlib.md5(open(sys.argv[1], 'rb').read()).hexdigest())\n",
    { status: "completed", stdout: "bd6270ad16e95c85d32f9a518e1f76e7\n" },
    { files: { "in.bin": bytes(70_000) }, args: ["in.bin"] }
  )
]
