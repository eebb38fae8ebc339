import { assert, describe, it } from "@effect/vitest"
import { nothing } from "rgrid/client/dependencies/Installing"
import type { Plan, RunRequest } from "rgrid/client/prepare"
import type { Found, Reason } from "rgrid/client/travel/Travelling"
import { planJson, planText } from "../src/output/plan.ts"

const file = (there: string, size: number, reason: Reason): Found => ({ here: `/w/${there}`, there, mode: 0o644, size, reason })

const script = file("main.py", 516, { _tag: "Script" })

const plan: Plan = {
  runtime: { name: "python:3.11", interpreter: ["python3"], check: () => null },
  script,
  travelling: {
    files: [
      script,
      file("in.json", 2, { _tag: "Argument", argument: "--input=in.json" }),
      file("shop/__init__.py", 12, { _tag: "Import", name: "shop", from: "main.py" }),
      file("data/a.csv", 1_200_000, { _tag: "Literal", text: "data/*.csv", from: "shop/__init__.py" }),
      file("models/\u001bm", 3, { _tag: "Include", pattern: "models/**" })
    ],
    directories: ["out"],
    leftOut: [{ path: "deploy.key", why: "key", reason: { _tag: "Literal", text: "deploy.key", from: "main.py" } }]
  },
  installing: {
    wanted: {
      kind: "requirements",
      declared: "requirements.txt",
      packages: 2,
      files: [{ path: "requirements.txt", text: "numpy\n" }, { path: "wheels/own.whl", here: "/w/own.whl" }]
    },
    remarks: [{ what: "tools", why: "local", from: "requirements.txt" }]
  }
}

const request: RunRequest = {
  script: "main.py",
  args: ["--input=in.json"],
  cwd: "/w",
  env: { MODE: "hidden-value" },
  secrets: { TOKEN: "hidden-secret" }
}

describe("what --dry-run shows", () => {
  it("is each file with its reason, what stays and why, and no value of a variable", () => {
    assert.strictEqual(planText(plan, request), `Script:    main.py --input=in.json
Runtime:   python:3.11
Installs:  requirements.txt (2 packages)
Env:       MODE
Secrets:   TOKEN

Not installed
  tools  your own: travels as what is imported; what it needs is installed

Files
  main.py           516 B   the script
  in.json           2 B     argument --input=in.json
  shop/__init__.py  12 B    import of shop in main.py
  data/a.csv        1.2 MB  "data/*.csv" in shop/__init__.py
  models/\\x1bm      3 B     --include models/**

Directories
  out

Left out
  deploy.key  may hold keys  "deploy.key" in main.py

What is left out travels when it is named: --include PATH.

5 files, 1.2 MB. Nothing was sent.
`)
  })

  it("says no more than there is", () => {
    const alone: Plan = { ...plan, travelling: { files: [script], directories: [], leftOut: [] }, installing: nothing }
    assert.strictEqual(planText(alone, { ...request, args: [], env: {}, secrets: {} }), `Script:   main.py
Runtime:  python:3.11

Files
  main.py  516 B  the script

1 file, 516 B. Nothing was sent.
`)
  })

  it("is one document as JSON", () => {
    const document = planJson(plan, request)
    assert.deepStrictEqual(document.files[1], { path: "in.json", bytes: 2, mode: 0o644, reason: "argument --input=in.json" })
    assert.deepStrictEqual(document.leftOut, [{ path: "deploy.key", why: "may hold keys", reason: '"deploy.key" in main.py' }])
    assert.deepStrictEqual(document.installs, {
      declared: "requirements.txt",
      kind: "requirements",
      packages: 2,
      files: ["requirements.txt", "wheels/own.whl"]
    })
    assert.deepStrictEqual(document.totals, { files: 5, bytes: 1_200_533 })
    assert.notMatch(JSON.stringify(document), /hidden/)
  })
})
