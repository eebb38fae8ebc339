/** Differences that are decided, each with its reason. */
import type { Known } from "./known.ts"

export const meant: ReadonlyArray<Known> = [
  {
    what: "meant: Python holds no output back",
    cause: "Lines appear as they are printed; a script that also writes to /dev/stdout by name sees another order here",
    where: "packages/core/src/runtimes/python/provider.ts",
    reproduce: "echo 'print(1); open(\"/dev/stdout\", \"w\").write(\"2\")' > x.py; rgrid run x.py | cat",
    cases: { "special files": ["stdout"] }
  },
  {
    what: "meant: inputs the script removes or renames are still here",
    cause: "What was removed is told, never removed: a mistake there must not cost a file here",
    where: "packages/core/src/client/bringBack.ts",
    reproduce: "echo 'import os; os.remove(\"in.txt\")' > x.py; rgrid run x.py in.txt",
    cases: { "remove an input": ["stderr", "names"], "rename an input": ["stderr", "names"] }
  },
  {
    what: "meant: `--` ends RGrid's own flags and is not handed on",
    cause: "All behind it is the script's (FR3); a second -- reaches the script",
    where: "packages/cli/src/argv.ts:51",
    reproduce: "rgrid run flags.py -- --json",
    cases: {
      "flags --timeout=7 -- --env x": ["stdout"],
      "flags -- --json": ["stdout"],
      "arguments as they are": ["stdout"]
    }
  },
  {
    what: "meant: the shell's variables and home stay here",
    cause: "Only --env, --env-file and --secret travel (FR17); the home there is the sandbox's own",
    where: "packages/runner/src/attempt/command.ts:60",
    reproduce: "echo 'import os; print(os.environ[\"HOME\"])' > x.py; rgrid run x.py",
    cases: { "variables of the shell": ["stdout"], "home": ["stdout"] }
  },
  {
    what: "meant: when the reader goes away, RGrid ends as SIGPIPE ends programs",
    cause: "Python here turns it into an exception, on the grid nobody writes into that pipe",
    where: "packages/core/src/client/exitCodes.ts:20",
    reproduce: "rgrid run endless.py | head -1",
    cases: { "reader goes away": ["stderr"], "reader goes away, codes": ["stdout"] }
  },
  {
    what: "meant: a script that is not there is RGrid's error",
    cause: "Nothing is sent; the exit code is that of a wrong command line, as Python's is, where Node's is 1",
    where: "packages/core/src/client/prepare.ts:72",
    reproduce: "rgrid run not_there.mjs",
    cases: { "node no such script": ["exit"] }
  },
  {
    what: "meant: scripts never run as root, nor with its rights",
    cause: "Every capability is dropped; tests that look whether they are root skip other parts of themselves",
    where: "packages/runner/src/adapters/docker/container.ts:96",
    reproduce: "echo 'import os; print(os.getuid())' > x.py; sudo rgrid run x.py",
    cases: {
      "user": ["stdout"],
      "libpython3.11-stdlib: tarfile.py -c out.tar in.json": ["bytes"],
      "libpython3.11-testsuite: test_posix.py": ["stderr"],
      "libpython3.11-testsuite: test_httpservers.py": ["stderr"],
      "libpython3.11-testsuite: test_time.py": ["stderr"],
      "libpython3.11-testsuite: test_tempfile.py": ["stderr"]
    }
  },
  {
    what: "meant: no __pycache__ is left, and sys.dont_write_bytecode is set",
    cause: "Else every import would leave files among the outputs",
    where: "packages/runner/src/attempt/command.ts:71",
    reproduce: "echo 'import sys; print(sys.dont_write_bytecode)' > x.py; rgrid run x.py",
    cases: {
      "imports from beside": ["names"],
      "imports from sys.path": ["names"],
      "imports by name at run time": ["names"],
      "libpython3.11-testsuite: test_imp.py": ["stderr"]
    }
  }
]
