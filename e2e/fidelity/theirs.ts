/**
 * The manifest of scripts that nobody here wrote: package, version, path in it, arguments and inputs. They are fetched
 * when they are run and never stored here.
 */
import type { Case, Fetched } from "./Case.ts"

type Package = Omit<Fetched, "paths">

const of = (from: Package, directory: string) =>
(line: string, paths: ReadonlyArray<string>, more: Partial<Case> = {}): Case => ({
  name: `${from.name}: ${line.replace(/^(python3\.11|node|bash) /, "")}`,
  line,
  files: [],
  fetched: { ...from, paths: paths.map((path) => `${directory}${path}`) },
  ...more
})

const python = "3.11.2-6+deb12u9"

const suite = of({ kind: "deb", name: "libpython3.11-testsuite", version: python }, "usr/lib/python3.11/test/")

const tests = ["abc", "abstract_numbers", "augassign", "base64", "baseexception", "binascii", "binop", "bisect", "bool",
  "codeop", "collections", "colorsys", "compare", "configparser", "context", "contextlib", "copy", "dataclasses",
  "datetime", "decorators", "dictcomps", "dictviews", "enumerate", "errno", "except_star", "exception_group", "fcntl",
  "file", "filecmp", "fileinput", "fnmatch", "format", "fractions", "funcattrs", "future", "generators", "genexps",
  "getopt", "getpass", "glob", "grammar", "graphlib", "heapq", "html", "httpservers", "imp", "isinstance", "iter",
  "keyword", "largefile", "linecache", "memoryio", "mimetypes", "mmap", "netrc", "opcodes", "operator", "optparse",
  "pathlib", "pipes", "pkg", "posix", "pty", "quopri", "random", "reprlib", "sched", "shlex", "socketserver",
  "sort", "stat", "string", "strptime", "struct", "textwrap", "threadsignals", "time", "timeit", "types",
  "unary", "unparse", "urlparse", "wait4", "with", "yield_from", "zipapp"]

const suites = tests.map((name) =>
  suite(`python3.11 test_${name}.py`, [`test_${name}.py`], { normalise: "unittestSeconds" })
)

const particular: ReadonlyArray<Case> = [
  suite("python3.11 test_signal.py", ["test_signal.py"], { normalise: "unittestOfTimers" }),
  suite("python3.11 test_tempfile.py", ["test_tempfile.py"], { normalise: "unittestOfPython" }),
  suite("python3.11 test_uuid.py", ["test_uuid.py"], {
    incomparable: "it skips what needs ip or ifconfig, programs this machine has and the image has not"
  })
]

const demo = of({ kind: "deb", name: "python3.11-examples", version: python }, "usr/share/doc/python3.11/examples/")

const code = "printf 'def f(a):\\n\\tif a/2:\\n\\t\\treturn a\\nprint(f(3))\\n' > code.py; printf 'a\\nb\\n' > a.txt; printf 'a\\nc\\n' > b.txt"

const tool = (line: string, more: Partial<Case> = {}): Case =>
  demo(`python3.11 ${line}`, [`scripts/${line.split(" ")[0]!}`], { setup: code, ...more })

const demos: ReadonlyArray<Case> = [
  ...["beer.py 3", "eiffel.py", "hanoi.py 3 x", "queens.py", "vector.py"].map((line) =>
    demo(`python3.11 ${line}`, [`demo/${line.split(" ")[0]!}`])
  ),
  tool("abitype.py < a.txt"),
  tool("byteyears.py a.txt"),
  tool("cleanfuture.py -v code.py"),
  tool("crlf.py a.txt b.txt"),
  tool("lfcr.py a.txt"),
  tool("diff.py -u a.txt b.txt"),
  tool("ndiff.py a.txt b.txt"),
  tool("eptags.py code.py"),
  tool("ptags.py code.py"),
  tool("find-uname.py 'snowman'"),
  tool("finddiv.py code.py"),
  tool("findnocoding.py ."),
  tool("fixheader.py a.txt"),
  tool("fixps.py code.py"),
  tool("highlight.py code.py"),
  tool("highlight.py -a code.py"),
  tool("lll.py ."),
  tool("md5sum.py a.txt b.txt"),
  tool("pindent.py -c code.py"),
  tool("reindent.py -v code.py"),
  tool("rgrep.py b a.txt"),
  tool("suff.py a.txt code.py b"),
  tool("untabify.py code.py"),
  tool("which.py sh nothing-of-that-name"),
  tool("copytime.py a.txt b.txt"),
  tool("pathfix.py -i /usr/bin/python3 code.py"),
  tool("texi2html.py"),
  tool("ifdef.py -DX a.txt"),
  tool("byext.py ."),
  tool("dutree.py < a.txt", { incomparable: "it tells how many blocks of a disk a directory takes" }),
  tool("google.py", { incomparable: "it opens a browser, which this machine has and the image has not" })
]

const stdlib = of({ kind: "deb", name: "libpython3.11-stdlib", version: python }, "usr/lib/python3.11/")
const minimal = of({ kind: "deb", name: "libpython3.11-minimal", version: python }, "usr/lib/python3.11/")

const json = "printf '{\"b\": [1, 2], \"a\": \"\\u00e9\"}' > in.json; printf 'def f():\\n    return 1\\n' > code.py"

const modules: ReadonlyArray<Case> = [
  stdlib("python3.11 tool.py in.json", ["json/tool.py"], { setup: json }),
  stdlib("python3.11 tool.py --sort-keys in.json out.json", ["json/tool.py"], { setup: json }),
  stdlib("echo '[1,' | python3.11 tool.py", ["json/tool.py"], { setup: json }),
  stdlib("python3.11 tabnanny.py -v code.py", ["tabnanny.py"], { setup: json }),
  minimal("python3.11 calendar.py 2024", ["calendar.py"]),
  minimal("python3.11 calendar.py 2024 13", ["calendar.py"]),
  stdlib("python3.11 this.py", ["this.py"]),
  stdlib("python3.11 mimetypes.py x.html y.unknown", ["mimetypes.py"]),
  minimal("python3.11 quopri.py in.json", ["quopri.py"], { setup: json }),
  stdlib("python3.11 timeit.py -h", ["timeit.py"]),
  stdlib("python3.11 trace.py --help", ["trace.py"]),
  minimal("python3.11 zipfile.py -c out.zip in.json", ["zipfile.py"], { setup: json }),
  stdlib("python3.11 tarfile.py -c out.tar in.json", ["tarfile.py"], { setup: `${json}; rm code.py` }),
  stdlib("python3.11 pyclbr.py code.py", ["pyclbr.py"], { setup: json }),
  stdlib("python3.11 symtable.py code.py", ["symtable.py"], { setup: json }),
  stdlib("python3.11 fileinput.py in.json", ["fileinput.py"], { setup: json }),
  stdlib("python3.11 shlex.py in.json", ["shlex.py"], { setup: json }),
  stdlib("python3.11 pickletools.py --help", ["pickletools.py"]),
  minimal("python3.11 textwrap.py", ["textwrap.py"]),
  minimal("python3.11 base64.py -e in.json", ["base64.py"], { setup: json }),
  minimal("printf aGk= | python3.11 base64.py -d", ["base64.py"]),
  minimal("python3.11 dis.py code.py", ["dis.py"], { setup: json, normalise: "addresses" }),
  minimal("python3.11 tokenize.py code.py", ["tokenize.py"], { setup: json }),
  minimal("python3.11 ast.py code.py", ["ast.py"], { setup: json }),
  minimal("python3.11 py_compile.py code.py", ["py_compile.py"], { setup: json }),
  minimal("python3.11 compileall.py code.py", ["compileall.py"], { setup: json }),
  minimal("python3.11 inspect.py json", ["inspect.py"])
]

const shell = of({ kind: "deb", name: "bash-doc", version: "5.2.15-2" }, "usr/share/doc/bash/examples/")

const shells: ReadonlyArray<Case> = [
  shell("bash cat.sh a.txt", ["scripts/cat.sh"], { setup: code }),
  shell("bash inpath sh", ["scripts/inpath"]),
  shell("bash center < a.txt", ["scripts/center"], { setup: code }),
  shell("bash zprintf '%s-%d' a 3", ["scripts/zprintf"]),
  shell("bash aliasconv.sh < a.txt", ["misc/aliasconv.sh"], { setup: code }),
  shell("bash cshtobash a.txt", ["misc/cshtobash"], { setup: code }),
  shell("bash slower_e_demo.sh 5", ["shellmath/slower_e_demo.sh", "shellmath/shellmath.sh"]),
  shell("bash runTests.sh", ["shellmath/runTests.sh", "shellmath/shellmath.sh", "shellmath/assert.sh",
    "shellmath/testCases.in"]),
  shell("bash ksh-compat-test", ["functions/ksh-compat-test"], { flags: "--runtime bash" }),
  shell("bash isvalidip", ["functions/isvalidip"], { flags: "--runtime bash" })
]

const pip = (name: string, version: string) => of({ kind: "pypi", name, version }, "")

const npm = (name: string, version: string, line: string): Case =>
  of({ kind: "npm", name, version }, "")(line, ["package"], { setup: json })

const published: ReadonlyArray<Case> = [
  pip("pycodestyle", "2.14.0")("python3.11 pycodestyle.py code.py", ["pycodestyle.py"], { setup: code }),
  pip("pycodestyle", "2.14.0")("python3.11 pycodestyle.py --statistics -qq code.py", ["pycodestyle.py"], { setup: code }),
  pip("mccabe", "0.7.0")("python3.11 mccabe.py --min 1 code.py", ["mccabe.py"], { setup: json }),
  pip("bottle", "0.13.4")("python3.11 bottle.py --version", ["bottle.py"]),
  pip("bottle", "0.13.4")("python3.11 bottle.py", ["bottle.py"]),
  pip("six", "1.17.0")("python3.11 six.py", ["six.py"]),
  npm("semver", "7.7.2", "node package/bin/semver.js 1.2.3 2.0.0 -r '>1.9'"),
  npm("json5", "2.2.3", "node package/lib/cli.js in.json"),
  npm("he", "1.2.0", "node package/bin/he --encode 'a < é'"),
  npm("marked", "16.1.1", "node package/bin/marked.js -s '# title'"),
  npm("mime", "4.0.7", "node package/bin/cli.js x.html")
]

export const theirs: ReadonlyArray<Case> = [...suites, ...particular, ...demos, ...modules, ...shells, ...published]
