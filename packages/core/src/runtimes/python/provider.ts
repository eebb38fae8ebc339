import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

/**
 * Compiles without running, with the version asked for or not at all, and prints what the interpreter would print.
 * Arguments: version, file, the name it is shown by.
 */
const compile = `
import sys
if "%d.%d" % sys.version_info[:2] != sys.argv[1]: sys.exit(0)
try:
  with open(sys.argv[2], "rb") as file: source = file.read()
  source.decode()
  compile(source, sys.argv[3], "exec", dont_inherit=True)
except SyntaxError as error:
  if not error.lineno: sys.exit(0)
  sys.excepthook(type(error), error.with_traceback(None), None)
  sys.exit(65)
except Exception: pass
`.trim()

const version = (runtime: string): string | undefined => /^python:(\d+\.\d+)/.exec(runtime)?.[1]

export const python: RuntimeProvider = {
  language: "python",
  endings: [".py"],
  programs: ["python"],
  runtimes: [
    { name: "python:3.11", image: "python:3.11-slim", brings: "" },
    { name: "python:3.10", image: "python:3.10-slim", brings: "" },
    { name: "python:3.12", image: "python:3.12-slim", brings: "" },
    { name: "python:3.13", image: "python:3.13-slim", brings: "" },
    {
      name: "python:3.11-datascience",
      image: "ghcr.io/rgrid/python:3.11-datascience",
      brings: "numpy, pandas, scipy, scikit-learn, matplotlib"
    },
    {
      name: "python:3.11-llm",
      image: "ghcr.io/rgrid/python:3.11-llm",
      brings: "openai, anthropic, langchain, requests"
    }
  ],
  environment: {
    // What a script prints is shown as it prints it.
    PYTHONUNBUFFERED: "1",
    // Else every import would leave a __pycache__ among the outputs.
    PYTHONDONTWRITEBYTECODE: "1"
  },
  interpreter: () => ["python3"],
  check: (here, _script, runtime) => {
    const asked = version(runtime)
    return asked === undefined ? null : {
      programs: [`python${asked}`, "python3", "python"],
      args: ["-I", "-S", "-W", "ignore", "-c", compile, asked, here, here],
      rejects: 65,
      exitCode: 1
    }
  }
}
