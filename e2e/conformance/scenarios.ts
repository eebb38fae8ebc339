/** What people ask for, from the plainest to what goes wrong: every way into RGrid must end each of them alike. */
import type { Scenario } from "./Door.ts"

const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 256)

const streams: ReadonlyArray<Scenario> = [
  {
    name: "one line",
    files: { "hello.py": "print('hello')\n" },
    script: "hello.py",
    expect: { status: "completed", exitCode: 0, failure: null, stdout: "hello\n", files: {} }
  },
  {
    name: "a line without an end",
    files: { "a.py": "import sys\nsys.stdout.write('no newline')\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "no newline" }
  },
  {
    name: "nothing at all",
    files: { "a.py": "" },
    script: "a.py",
    expect: { status: "completed", exitCode: 0, stdout: "", files: {} }
  },
  {
    name: "stderr apart from stdout",
    files: { "a.py": "import sys\nprint('out')\nprint('err', file=sys.stderr)\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "out\n", stderr: "err\n" }
  },
  {
    name: "every byte there is",
    files: { "a.py": "import sys\nsys.stdout.buffer.write(bytes(range(256)) * 64)\n" },
    script: "a.py",
    expect: { status: "completed", stdout: bytes(256 * 64) }
  },
  {
    name: "a megabyte of lines",
    files: { "a.py": "for i in range(20000): print('%049d' % i)\n" },
    script: "a.py",
    expect: { status: "completed", stdout: Array.from({ length: 20_000 }, (_, i) => `${String(i).padStart(49, "0")}\n`).join("") }
  },
  {
    name: "letters of other alphabets",
    files: { "a.py": "print('Grüße, мир, 世界, 🌍')\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "Grüße, мир, 世界, 🌍\n" }
  },
  {
    name: "lines that look like commands of a build service",
    files: { "a.py": "print('::error::no')\nprint('::set-output name=a::b')\nprint('##[error]no')\nprint('::stop-commands::x')\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "::error::no\n::set-output name=a::b\n##[error]no\n::stop-commands::x\n" }
  },
  {
    name: "stdin",
    files: { "a.py": "import sys\nprint(sys.stdin.read().upper(), end='')\n" },
    script: "a.py",
    stdin: "one\ntwo\n",
    expect: { status: "completed", stdout: "ONE\nTWO\n" }
  },
  {
    name: "no stdin",
    files: { "a.py": "import sys\nprint(len(sys.stdin.read()))\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "0\n" }
  }
]

const argumentsAndSurroundings: ReadonlyArray<Scenario> = [
  {
    name: "arguments with spaces, quotes and nothing in them",
    files: { "a.py": "import sys, json\nprint(json.dumps(sys.argv[1:]))\n" },
    script: "a.py",
    args: ["two words", "", "it's", "\"quoted\"", "-v", "--x=1", "$HOME", "*", "ünï"],
    expect: { status: "completed", stdout: "[\"two words\", \"\", \"it's\", \"\\\"quoted\\\"\", \"-v\", \"--x=1\", \"$HOME\", \"*\", \"\\u00fcn\\u00ef\"]\n" }
  },
  {
    name: "variables",
    files: { "a.py": "import os\nprint(os.environ['MODE'], os.environ['EMPTY'] == '', os.environ['TWO'])\n" },
    script: "a.py",
    env: { MODE: "fast", EMPTY: "", TWO: "a b=c" },
    expect: { status: "completed", stdout: "fast True a b=c\n" }
  },
  {
    name: "a secret, masked in what is printed",
    files: { "a.py": "import os\nprint(len(os.environ['TOKEN']))\nprint('token is', os.environ['TOKEN'])\n" },
    script: "a.py",
    secrets: { TOKEN: "s3cr3t-value-of-length" },
    expect: { status: "completed", stdout: "22\ntoken is ***\n" }
  },
  {
    name: "the working directory's own path",
    files: { "a.py": "import os\nprint(os.path.samefile('.', os.path.dirname(os.path.abspath(__file__))))\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "True\n" }
  },
  {
    name: "no network",
    files: { "a.py": "import socket\ntry:\n  socket.create_connection(('1.1.1.1', 53), 2)\n  print('open')\nexcept OSError:\n  print('closed')\n" },
    script: "a.py",
    network: "none",
    expect: { status: "completed", stdout: "closed\n" }
  },
  {
    name: "metadata",
    files: { "a.py": "print(1)\n" },
    script: "a.py",
    metadata: { ticket: "RG-7", team: "data & more" },
    expect: { status: "completed", metadata: { ticket: "RG-7", team: "data & more" } }
  }
]

const inputs: ReadonlyArray<Scenario> = [
  {
    name: "a file that is named",
    files: { "a.py": "import sys\nprint(open(sys.argv[1]).read(), end='')\n", "in.txt": "content\n" },
    script: "a.py",
    args: ["in.txt"],
    expect: { status: "completed", stdout: "content\n", files: {} }
  },
  {
    name: "a file with spaces and letters in its name",
    files: { "a.py": "import sys\nprint(open(sys.argv[1]).read(), end='')\n", "my dir/größe 1.txt": "content\n" },
    script: "a.py",
    args: ["my dir/größe 1.txt"],
    expect: { status: "completed", stdout: "content\n" }
  },
  {
    name: "a directory that is named",
    files: { "a.py": "import os, sys\nprint(sorted(os.listdir(sys.argv[1])))\n", "data/b.txt": "b", "data/a.txt": "a" },
    script: "a.py",
    args: ["data"],
    expect: { status: "completed", stdout: "['a.txt', 'b.txt']\n" }
  },
  {
    name: "a module of one's own",
    files: { "a.py": "from helper import twice\nprint(twice(21))\n", "helper.py": "def twice(x): return 2 * x\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "42\n", files: {} }
  },
  {
    name: "a package of one's own",
    files: { "a.py": "import tools.sums\nprint(tools.sums.add(1, 2))\n", "tools/__init__.py": "", "tools/sums.py": "def add(a, b): return a + b\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "3\n" }
  },
  {
    name: "a file that the script opens by its name",
    files: { "a.py": "print(open('settings.ini').read(), end='')\n", "settings.ini": "[a]\n" },
    script: "a.py",
    expect: { status: "completed", stdout: "[a]\n" }
  },
  {
    name: "a script in a directory below",
    files: { "jobs/a.py": "import os\nprint(os.path.basename(os.path.dirname(os.path.abspath(__file__))))\n" },
    script: "jobs/a.py",
    expect: { status: "completed", stdout: "jobs\n" }
  },
  {
    name: "an input of all bytes",
    files: { "a.py": "import hashlib, sys\nprint(hashlib.md5(open(sys.argv[1], 'rb').read()).hexdigest())\n", "in.bin": bytes(70_000) },
    script: "a.py",
    args: ["in.bin"],
    expect: { status: "completed", stdout: "bd6270ad16e95c85d32f9a518e1f76e7\n" }
  }
]

const outputs: ReadonlyArray<Scenario> = [
  {
    name: "a file that is made",
    files: { "a.py": "open('out.txt', 'w').write('made\\n')\n" },
    script: "a.py",
    expect: { status: "completed", files: { "out.txt": "made\n" } }
  },
  {
    name: "files in directories that are made",
    files: { "a.py": "import os\nos.makedirs('x/y/z')\nopen('x/y/z/1.txt', 'w').write('1')\nopen('x/2.txt', 'w').write('2')\n" },
    script: "a.py",
    expect: { status: "completed", files: { "x/y/z/1.txt": "1", "x/2.txt": "2" } }
  },
  {
    name: "an empty file and an empty directory",
    files: { "a.py": "import os\nopen('empty', 'w')\nos.mkdir('hollow')\n" },
    script: "a.py",
    expect: { status: "completed", files: { empty: "", "hollow/": "" } }
  },
  {
    name: "an output of all bytes",
    files: { "a.py": "open('out.bin', 'wb').write(bytes(range(256)) * 300)\n" },
    script: "a.py",
    expect: { status: "completed", files: { "out.bin": bytes(256 * 300) } }
  },
  {
    name: "an output with a name of letters and spaces",
    files: { "a.py": "open('größe 1.txt', 'w').write('x')\n" },
    script: "a.py",
    expect: { status: "completed", files: { "größe 1.txt": "x" } }
  },
  {
    name: "an input that is changed",
    files: { "a.py": "import sys\nopen(sys.argv[1], 'a').write('more\\n')\n", "log.txt": "first\n" },
    script: "a.py",
    args: ["log.txt"],
    expect: { status: "completed", files: { "log.txt": "first\nmore\n" } }
  },
  {
    name: "a hundred files",
    files: { "a.py": "import os\nos.mkdir('many')\nfor i in range(100): open('many/%03d' % i, 'w').write(str(i))\n" },
    script: "a.py",
    expect: {
      status: "completed",
      files: Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`many/${String(i).padStart(3, "0")}`, `${i}`]))
    }
  },
  {
    name: "what a failed script made",
    files: { "a.py": "open('partial.txt', 'w').write('half')\nraise SystemExit(4)\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 4, files: { "partial.txt": "half" } }
  }
]

const ends: ReadonlyArray<Scenario> = [
  {
    name: "an exit code of its own",
    files: { "a.py": "raise SystemExit(3)\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 3, failure: "ScriptExited" }
  },
  {
    name: "exit code 255",
    files: { "a.py": "raise SystemExit(255)\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 255, failure: "ScriptExited" }
  },
  {
    name: "an exception",
    files: { "a.py": "def f(): raise ValueError('no such thing')\nf()\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 1, failure: "ScriptExited", stderr: "ValueError: no such thing\n" }
  },
  {
    name: "a module that is missing",
    files: { "a.py": "import nosuchmoduleanywhere_rgrid\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 1, failure: "ScriptExited", stderr: "No module named 'nosuchmoduleanywhere_rgrid'" }
  },
  {
    name: "a script that kills itself",
    files: { "a.py": "import os, signal\nprint('before')\nos.kill(os.getpid(), signal.SIGKILL)\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 137, failure: "ScriptSignaled", stdout: "before\n" }
  },
  {
    name: "a script that ends by SIGTERM",
    files: { "a.py": "import os, signal\nos.kill(os.getpid(), signal.SIGTERM)\n" },
    script: "a.py",
    expect: { status: "failed", exitCode: 143, failure: "ScriptSignaled" }
  },
  {
    name: "a time limit",
    files: { "a.py": "import time\nprint('begun')\ntime.sleep(60)\n" },
    script: "a.py",
    timeout: 1,
    expect: { status: "timed out", failure: "TimedOut", stdout: "begun\n" }
  },
  {
    name: "a memory limit",
    files: { "a.py": "x = []\nwhile True: x.append(bytearray(8 * 1024 * 1024))\n" },
    script: "a.py",
    memoryMegabytes: 64,
    expect: { status: "failed", failure: "OutOfMemory" }
  }
]

const languages: ReadonlyArray<Scenario> = [
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
  {
    name: "Python in another image that has it",
    files: { "a.py": "print('there')\n" },
    script: "a.py",
    runtime: "python:3.11",
    expect: { status: "completed", stdout: "there\n" }
  }
]

const each = "import sys\nname = sys.argv[1]\nif 'bad' in name: raise SystemExit(7)\nopen('result.txt', 'w').write(open(name).read() * 2)\n"
const three = { "a.py": each, "in/one.txt": "1", "in/two.txt": "2", "in/bad.txt": "x" }

const batches: ReadonlyArray<Scenario> = [
  {
    name: "a batch, each with its own output",
    files: { "a.py": each, "in/one.txt": "1", "in/two.txt": "2" },
    script: "a.py",
    over: ["in/one.txt", "in/two.txt"],
    expect: {
      status: "completed",
      items: { "in/one.txt": { status: "completed", exitCode: 0 }, "in/two.txt": { status: "completed", exitCode: 0 } },
      files: { "outputs/one/result.txt": "11", "outputs/two/result.txt": "22" }
    }
  },
  {
    name: "a batch of which one fails",
    files: three,
    script: "a.py",
    over: ["in/one.txt", "in/bad.txt", "in/two.txt"],
    failOn: "all",
    expect: { status: "completed", items: { "in/bad.txt": { status: "failed", exitCode: 7, failure: "ScriptExited" }, "in/two.txt": { status: "completed" } } }
  },
  {
    name: "a batch that may not fail at all",
    files: three,
    script: "a.py",
    over: ["in/one.txt", "in/bad.txt"],
    failOn: "any",
    expect: { status: "failed", items: { "in/bad.txt": { status: "failed", exitCode: 7 }, "in/one.txt": { status: "completed" } } }
  },
  {
    name: "a batch of which all fail",
    files: three,
    script: "a.py",
    over: ["in/bad.txt"],
    failOn: "all",
    expect: { status: "failed", items: { "in/bad.txt": { status: "failed", exitCode: 7 } } }
  },
  {
    name: "a batch with arguments of its own",
    files: { "a.py": "import sys\nopen('args.txt', 'w').write(' '.join(sys.argv[1:]))\n", "one.txt": "1" },
    script: "a.py",
    args: ["--scale", "2"],
    over: ["one.txt"],
    expect: { status: "completed", files: { "outputs/one/args.txt": "--scale 2 one.txt" } }
  }
]

export const scenarios: ReadonlyArray<Scenario> = [
  ...streams,
  ...argumentsAndSurroundings,
  ...inputs,
  ...outputs,
  ...ends,
  ...languages,
  ...batches
]
