import { assert, describe, it } from "@effect/vitest"
import { argv, environment } from "../../src/attempt/command.ts"
import { assignment, contentOf, spec } from "../fixtures/jobs.ts"

const surroundings = {
  workdir: "/work",
  image: {},
  path: "/bin",
  home: "/tmp",
  user: "rgrid",
  locale: "C.UTF-8",
  caBundle: undefined
}
const file = (path: string) => ({ path, mode: 0o644, content: contentOf("x") })

describe("a script's command", () => {
  it("is interpreter, script and arguments as they were typed", () => {
    const job = spec({ script: "a/b.py", args: ["x y", "--z"] })
    assert.deepStrictEqual(argv(job, job.cwd), ["python3", "a/b.py", "x y", "--z"])
  })

  it("is the script itself without an interpreter, never looked up on the PATH", () => {
    assert.deepStrictEqual(argv(spec({ interpreter: [], script: "ls" }), "/work"), ["./ls"])
    assert.deepStrictEqual(argv(spec({ interpreter: [], script: "bin/ls" }), "/work"), ["bin/ls"])
  })

  it("follows the workspace where the caller's directory can't be had", () => {
    const job = spec({
      script: "/home/anna/project/a.py",
      args: ["/home/anna/project/in.txt", "/home/anna/project/out.txt", "/etc/hosts"],
      files: [file("a.py"), file("in.txt")]
    })
    assert.deepStrictEqual(argv(job, "/work"), [
      "python3",
      "/work/a.py",
      "/work/in.txt",
      "/work/out.txt",
      "/etc/hosts"
    ])
    assert.deepStrictEqual(argv(job, job.cwd).slice(1), [job.script, ...job.args])
  })

  it("names what was sent from outside absolutely where the caller's directory can't be had", () => {
    const job = spec({
      script: "../tools/a.py",
      args: [
        "../data/in.csv",
        "--input=../data/in.csv",
        "../data/",
        "/home/anna/data/in.csv",
        "../data/out.csv",
        "--output=../results/deep.csv",
        "../project/b.txt",
        "../project",
        "../out.csv",
        "b.txt",
        "..",
        ""
      ],
      files: [file("/home/anna/tools/a.py"), file("/home/anna/data/in.csv"), file("b.txt")],
      directories: ["/home/anna/data", "/home/anna/results"]
    })
    assert.deepStrictEqual(argv(job, "/work").slice(1), [
      "/home/anna/tools/a.py",
      "/home/anna/data/in.csv",
      "--input=/home/anna/data/in.csv",
      "/home/anna/data/",
      "/home/anna/data/in.csv",
      "/home/anna/data/out.csv",
      "--output=/home/anna/results/deep.csv",
      "/work/b.txt",
      "/work",
      "../out.csv",
      "b.txt",
      "..",
      ""
    ])
    assert.deepStrictEqual(argv(job, job.cwd).slice(1), [job.script, ...job.args])
  })

  it("follows the workspace from the root of the file system, too", () => {
    const job = spec({ cwd: "/", script: "/a.py", args: ["/data/in.csv", "data/in.csv"], files: [file("data/in.csv")] })
    assert.deepStrictEqual(argv(job, "/work").slice(1), ["/work/a.py", "/work/data/in.csv", "data/in.csv"])
  })
})

describe("a script's environment", () => {
  it("is the job's over our defaults, but for who it is", () => {
    const job = assignment({ env: { PATH: "/mine", RGRID_ATTEMPT: "9" }, secrets: { TOKEN: "t" } }, 2)
    const env = environment(job, surroundings)
    assert.strictEqual(env["PATH"], "/mine")
    assert.strictEqual(env["HOME"], "/tmp")
    assert.strictEqual(env["TOKEN"], "t")
    assert.strictEqual(env["RGRID_ATTEMPT"], "2")
    assert.strictEqual(env["RGRID_EXECUTION_ID"], job.execution)
    assert.isFalse("SSL_CERT_FILE" in env)
  })

  it("is the image's own beneath ours: its PATH leads to its programs, its HOME is not writable", () => {
    const image = { PATH: "/opt/conda/bin:/bin", HOME: "/root", CONDA: "yes", LANG: "C" }
    const env = environment(assignment({ env: { CONDA: "no" } }), { ...surroundings, image })
    assert.deepInclude(env, { PATH: "/opt/conda/bin:/bin", HOME: "/tmp", CONDA: "no", LANG: "C.UTF-8" })
  })

  it("is the caller's time zone and terminal, unless the job says otherwise", () => {
    const caller = { timeZone: "Europe/Berlin", locale: "de_DE.UTF-8", terminal: "xterm", columns: 132, lines: 50 }
    const own = environment(assignment({ surroundings: caller, env: { COLUMNS: "40" } }), surroundings)
    assert.deepInclude(own, { TZ: "Europe/Berlin", TERM: "xterm", COLUMNS: "40", LINES: "50", LANG: "C.UTF-8" })
    for (const name of ["TZ", "TERM", "COLUMNS", "LINES"]) assert.isFalse(name in environment(assignment(), surroundings))
  })

  it("points every tool to the machine's own authorities", () => {
    const env = environment(assignment(), { ...surroundings, caBundle: "/ca.pem" })
    for (const name of ["SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS"]) {
      assert.strictEqual(env[name], "/ca.pem")
    }
  })
})
