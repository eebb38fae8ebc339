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
    what: "a directory is not there as a whole",
    cause: "What travels is what the script names: files beside it that nothing names are not listed there",
    where: "packages/core/src/client/travel/literals.ts",
    reproduce: "echo 'import os; print(os.listdir())' > x.py; : > other; rgrid run x.py",
    cases: {
      "lists where it is": ["stdout"],
      "bash-doc: runTests.sh": ["stdout", "stderr"]
    }
  },
  {
    what: "a script that is a link is the file it points to",
    cause: "It stands there under the link's name: what lies beside its target is not beside it",
    where: "packages/core/src/client/prepare.ts",
    reproduce: "ln -s dir/real.py link.py; rgrid run link.py",
    cases: { "script through a link": ["stdout"] }
  },
  {
    what: "links the script makes are left on the grid",
    cause: "A link is skipped when outputs are collected, and told",
    where: "packages/runner/src/attempt/collect.ts",
    reproduce: "echo 'import os; os.symlink(\"a\", \"latest\")' > x.py; rgrid run x.py",
    cases: { "links out": ["stderr", "names"] }
  },
  {
    what: "links among the inputs arrive as what they point to",
    cause: "Inputs are read through links",
    where: "packages/core/src/client/travel/walk.ts",
    reproduce: "ln -s a b; echo 'import os; print(os.path.islink(\"b\"))' > x.py; rgrid run x.py b",
    cases: { "links in": ["stdout"] }
  },
  {
    what: "stdin is always a pipe or /dev/null of the grid's",
    cause: "A script that asks what stdin is, or seeks in it, sees a pipe where there is a file, a device or nothing here",
    where: "packages/cli/src/stdin.ts",
    reproduce: "echo 'import sys; sys.stdin.seek(0)' > x.py; rgrid run x.py < in.txt",
    cases: {
      "stdin of /dev/null, its state": ["stdout"],
      "stdin from a file, its state": ["stdout"],
      "stdin from a file, seeking": ["exit", "stdout", "stderr"],
      "stdin closed": ["stdout"]
    }
  },
  {
    what: "the locale C is UTF-8 there",
    cause: "A locale that is not UTF-8 is not passed on",
    where: "packages/runner/src/attempt/command.ts",
    reproduce: "echo 'import locale; print(locale.getencoding())' > x.py; LC_ALL=C rgrid run x.py",
    cases: { "locale C": ["stdout"] }
  },
  {
    what: "names that are no UTF-8 do not come back",
    cause: "A manifest is JSON: such bytes can't be told",
    where: "packages/runner/src/attempt/collect.ts",
    reproduce: "echo 'open(b\"\\xff\", \"w\")' > x.py; rgrid run x.py",
    cases: { "a name that is no UTF-8": ["stderr", "names"] }
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
