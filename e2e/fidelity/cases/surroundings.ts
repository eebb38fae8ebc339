/** Arguments and everything around a script. */
import { type Case, ours } from "../Case.ts"

const flags = (line: string): Case => ours(`flags ${line}`.trim(), `python3.11 flags.py ${line}`.trim())

const asked = ["--timeout 5", "--env A=1 --env B=2", "-e expr", "--batch x", "--detach", "--json", "--runtime r", "-v -v",
  "--help", "-h", "--version", "--output-dir o", "--log-level debug", "--unknown", "--timeout=7 -- --env x", "-- --json"]

export const surroundings: ReadonlyArray<Case> = [
  ...asked.map(flags),
  ours("usage of argparse", "python3.11 usage.py x --mode c"),
  ours("usage of optparse", "python3.11 optparse_usage.py"),
  ours("arguments as they are", "python3.11 show_args.py '' ' ' 'a b' '*' '$X' \"'\" '\"' '\\' -- - -x --y=z é 😀"),
  ours("an argument with a newline", "python3.11 show_args.py $'a\\nb' $'tab\\t'"),
  ours("an argument that is no UTF-8", "python3.11 show_args.py $'\\xff\\xfe'"),
  ours("an argument of 100 KB", "python3.11 show_args.py $(head -c 100000 /dev/zero | tr '\\0' x)"),
  ours("1,000 arguments", "python3.11 show_args.py $(seq 1 1000)"),
  ours("words of flags it does not name", "python3.11 show_args.py --foo --bar=1 -z"),
  ours("whereabouts", "python3.11 whereabouts.py"),
  ours("whereabouts from ./", "python3.11 ./whereabouts.py"),
  ours("whereabouts by absolute path", "python3.11 $PWD/whereabouts.py", { files: ["whereabouts.py"] }),
  ours("script in a directory below", "python3.11 tools/whereabouts.py", {
    files: ["whereabouts.py"],
    setup: "mkdir tools; mv whereabouts.py tools/"
  }),
  ours("script beside the directory", "python3.11 ../whereabouts.py", {
    files: ["whereabouts.py"],
    setup: "mv whereabouts.py .."
  }),
  ours("script through a link", "python3.11 link.py", { files: ["list_here.py"], setup: "ln -s list_here.py link.py" }),
  ours("script with spaces in its name", "python3.11 'my script.py' a", {
    files: ["show_args.py"],
    setup: "mv show_args.py 'my script.py'"
  }),
  ours("script without an ending", "python3.11 shebang a", { files: ["shebang"] }),
  ours("variables", "python3.11 env.py", {
    env: { ANSWER: "42", WITH_SPACE: " a 'b' \"c\"\n" },
    flags: "--env ANSWER --env WITH_SPACE"
  }),
  ours("variables of the shell", "python3.11 env_inherited.py"),
  ours("locale", "python3.11 locales.py"),
  ours("locale C", "python3.11 locales.py", { env: { LANG: "C", LC_ALL: "C" } }),
  ours("time zone", "python3.11 zone.py"),
  ours("time zone of TZ", "python3.11 zone.py", { env: { TZ: "America/New_York" } }),
  ours("home", "python3.11 home.py"),
  ours("temporary files", "python3.11 temp.py"),
  ours("user", "python3.11 user.py"),
  ours("user has a name", "python3.11 user_lookup.py"),
  ours("terminal", "python3.11 terminal.py"),
  ours("COLUMNS", "python3.11 usage.py --help", { env: { COLUMNS: "40" } }),
  ours("imports from beside", "python3.11 imports_here.py", {
    files: ["imports_here.py", "helper.py", "package", "spaced"]
  }),
  ours("imports from sys.path", "python3.11 imports_path.py", { files: ["imports_path.py", "lib"] }),
  ours("imports by name at run time", "python3.11 imports_late.py", { files: ["imports_late.py", "helper.py"] }),
  ours("source in latin-1", "python3.11 latin.py", {
    setup: "printf '# -*- coding: latin-1 -*-\\nprint(\"caf\\xe9\")\\n' > latin.py"
  }),
  ours("source with a mark and CRLF", "python3.11 bom.py", {
    setup: "printf '\\xef\\xbb\\xbfprint(1)\\r\\nprint(2)\\r\\n' > bom.py"
  })
]
