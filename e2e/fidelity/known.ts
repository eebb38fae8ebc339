/** The differences we know of, those that most users meet first. Each is a debt or says why it is meant. */
import type { Aspect } from "./compare.ts"
import { meant } from "./meant.ts"

export interface Known {
  readonly what: string
  /** What makes it so. */
  readonly cause: string
  /** Where in the code. */
  readonly where: string
  /** The least one can type to see it. */
  readonly reproduce: string
  readonly cases: Readonly<Record<string, ReadonlyArray<Aspect>>>
}

const debts: ReadonlyArray<Known> = [
  {
    what: "only files that arguments name travel",
    cause: "Modules imported, files sourced and files opened by a name in the script's text stay here",
    where: "packages/core/src/client/travels.ts:62",
    reproduce: "echo 'import helper' > x.py; : > helper.py; rgrid run x.py",
    cases: {
      "imports from beside": ["exit", "stdout", "stderr", "names"],
      "imports from sys.path": ["exit", "stdout", "stderr", "names"],
      "imports by name at run time": ["exit", "stdout", "stderr", "names"],
      "reads what its text names": ["exit", "stdout", "stderr"],
      "reads what lies beside it": ["exit", "stdout", "stderr"],
      "node imports": ["exit", "stdout", "stderr", "names"],
      "node requires": ["exit", "stdout", "stderr"],
      "bash sources": ["stdout", "stderr"],
      "into a directory that is there": ["exit", "stdout", "stderr", "names"],
      "script through a link": ["stdout"],
      "bash-doc: runTests.sh": ["stdout", "stderr"],
      "bash-doc: slower_e_demo.sh 5": ["stdout", "stderr"],
      "json5: package/lib/cli.js in.json": ["exit", "stdout", "stderr"],
      "he: package/bin/he --encode 'a < é'": ["exit", "stdout", "stderr"],
      "marked: package/bin/marked.js -s '# title'": ["exit", "stdout", "stderr"],
      "mime: package/bin/cli.js x.html": ["exit", "stdout", "stderr"],
      "semver: package/bin/semver.js 1.2.3 2.0.0 -r '>1.9'": ["exit", "stdout", "stderr"],
      "lists where it is": ["stdout"]
    }
  },
  {
    what: "an argument that names a file of the system breaks the run",
    cause: "Any file named travels, also /usr/bin/python3 or /bin/sh, and can't be placed over the image's own: exit 125",
    where: "packages/core/src/client/travels.ts:72",
    reproduce: "echo 'print(1)' > x.py; rgrid run x.py /usr/bin/python3",
    cases: { "python3.11-examples: pathfix.py -i /usr/bin/python3 code.py": ["exit", "stdout", "stderr"] }
  },
  {
    what: "/dev/stdin, /dev/stdout and /dev/stderr can't be opened",
    cause: "The pipes are made by root (mode 0600) before the init becomes the script's user: they lack an fchown",
    where: "packages/runner/init/rgrid-init.c:426",
    reproduce: "echo 'echo oops > /dev/stderr' > x.sh; rgrid run x.sh",
    cases: {
      "bash-doc: center < a.txt": ["stdout", "stderr"],
      "special files": ["exit", "stdout", "stderr"],
      "bash writes to /dev/stderr": ["exit", "stdout", "stderr"]
    }
  },
  {
    what: "a pipe that is silent for 200 ms is taken for no stdin",
    cause: "What another program prints later never arrives: the script reads nothing and succeeds",
    where: "packages/cli/src/stdin.ts:11",
    reproduce: "(sleep 1; echo x) | rgrid run read_stdin.py",
    cases: { "pipeline of two": ["stdout"] }
  },
  {
    what: "the user there has no name and is not the one here",
    cause: "Uid 10001 is not in the image's /etc/passwd: pwd.getpwuid, getpass.getuser and os.userInfo throw",
    where: "packages/runner/src/adapters/docker/container.ts:96",
    reproduce: "echo 'import getpass; print(getpass.getuser())' > x.py; rgrid run x.py",
    cases: {
      "user": ["exit", "stdout", "stderr"],
      "user has a name": ["exit", "stdout", "stderr"],
      "libpython3.11-testsuite: test_pathlib.py": ["exit", "stderr"],
      "libpython3.11-testsuite: test_posix.py": ["exit", "stderr"]
    }
  },
  {
    what: "nothing outside the working directory comes back, nor may be written",
    cause: "Directories outside the workspace hold inputs only",
    where: "packages/runner/src/attempt/collect.ts:3",
    reproduce: "echo 'open(\"../out.txt\", \"w\").write(\"x\")' > x.py; rgrid run x.py",
    cases: {
      "output beside the directory": ["exit", "stderr", "names"],
      "output at an absolute path": ["exit", "stderr", "names"]
    }
  },
  {
    what: "links the script makes are left on the grid",
    cause: "A link is skipped when outputs are collected",
    where: "packages/runner/src/attempt/collect.ts:43",
    reproduce: "echo 'import os; os.symlink(\"a\", \"latest\")' > x.py; rgrid run x.py",
    cases: { "links out": ["stderr", "names"] }
  },
  {
    what: "inputs the script removes or renames are still here",
    cause: "What was removed is only told, never removed",
    where: "packages/core/src/client/bringBack.ts:197",
    reproduce: "echo 'import os; os.remove(\"in.txt\")' > x.py; rgrid run x.py in.txt",
    cases: { "remove an input": ["stderr", "names"], "rename an input": ["stderr", "names", "mtimes"] }
  },
  {
    what: "an input's time does not travel",
    cause: "A file of a job has path, mode and content only; there it is as old as the run",
    where: "packages/core/src/domain/JobSpec.ts:46",
    reproduce: "echo 'import os, sys; print(os.stat(sys.argv[1]).st_mtime)' > x.py; rgrid run x.py in.txt",
    cases: {
      "odd names in": ["stdout"],
      "times and modes of inputs": ["stdout"],
      "a read-only input": ["stdout"],
      "python3.11-examples: byteyears.py a.txt": ["stdout"],
      "python3.11-examples: diff.py -u a.txt b.txt": ["stdout"],
      "python3.11-examples: pindent.py -c code.py": ["mtimes"],
      "python3.11-examples: untabify.py code.py": ["mtimes"],
      "libpython3.11-stdlib: tarfile.py -c out.tar in.json": ["bytes"],
      "libpython3.11-minimal: zipfile.py -c out.zip in.json": ["bytes"],
      "libpython3.11-minimal: py_compile.py code.py": ["bytes"],
      "libpython3.11-minimal: compileall.py code.py": ["bytes"]
    }
  },
  {
    what: "a new time alone is no change",
    cause: "An input whose bytes and mode are as before is no output",
    where: "packages/runner/src/attempt/collect.ts:99",
    reproduce: "echo 'import os; os.utime(\"in.txt\", (1, 1))' > x.py; rgrid run x.py in.txt",
    cases: { "set times": ["mtimes"] }
  },
  {
    what: "time zone, locale and COLUMNS of the caller do not travel",
    cause: "The environment there is fixed: LANG C.UTF-8, no TZ, no LC_*, no COLUMNS",
    where: "packages/runner/src/attempt/command.ts:67",
    reproduce: "echo 'import time; print(time.tzname)' > x.py; TZ=America/New_York rgrid run x.py",
    cases: { "time zone of TZ": ["stdout"], "locale C": ["stdout"], "COLUMNS": ["stdout"] }
  },
  {
    what: "links among the inputs arrive as what they point to",
    cause: "Inputs are read through links",
    where: "packages/core/src/client/travels.ts:47",
    reproduce: "ln -s a b; echo 'import os; print(os.path.islink(\"b\"))' > x.py; rgrid run x.py b",
    cases: { "links in": ["stdout"] }
  },
  {
    what: "stdout and stderr that share a pipe here lose their order",
    cause: "Each is a pipe of its own there, read one after the other",
    where: "packages/runner/init/rgrid-init.c",
    reproduce: "rgrid run merged.py 2>&1",
    cases: { "two streams in one": ["stdout"] }
  },
  {
    what: "stdin is always a pipe or /dev/null of the grid's",
    cause: "A script that asks what stdin is, or seeks in it, sees a pipe where there is a file, a device or nothing here",
    where: "packages/cli/src/stdin.ts:42",
    reproduce: "echo 'import sys; sys.stdin.seek(0)' > x.py; rgrid run x.py < in.txt",
    cases: {
      "stdin of /dev/null, its state": ["stdout"],
      "stdin from a file, its state": ["stdout"],
      "stdin from a file, seeking": ["exit", "stdout", "stderr"],
      "stdin closed": ["stdout"]
    }
  },
  {
    what: "names with a backslash or that are no UTF-8 do not come back",
    cause: "A backslash is refused on every system, other bytes can't be told in JSON",
    where: "packages/core/src/client/bringBack.ts:56",
    reproduce: "echo 'open(\"a\\\\\\\\b\", \"w\")' > x.py; rgrid run x.py",
    cases: { "odd names out": ["stderr", "names"], "a name that is no UTF-8": ["stderr", "names"] }
  },
  {
    what: "an argument that is no UTF-8 arrives changed",
    cause: "Node gives a program its arguments as text",
    where: "packages/cli/src/argv.ts",
    reproduce: "rgrid run show_args.py $'\\xff'",
    cases: { "an argument that is no UTF-8": ["stdout"] }
  }
]

export const known: ReadonlyArray<Known> = [...debts, ...meant]
