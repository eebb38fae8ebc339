import { assert, describe, it } from "@effect/vitest"
import * as Effect from "effect/Effect"
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises"
import { homedir, tmpdir } from "node:os"
import { join } from "node:path"
import { findConfig, parseConfig, projectEnv } from "../../src/client/projectConfig.ts"
import { isSecretName, secretIn } from "../../src/client/secretLike.ts"

const parse = (text: string) => parseConfig(text, ".rgrid/config")
const refused = (text: string) =>
  Effect.map(Effect.flip(parse(text)), ({ detail, key, line, reason }) => ({ reason, key, line, detail }))

describe("a project's settings", () => {
  it.effect("come as numbers where people write amounts", () =>
    Effect.gen(function*() {
      const text = [
        "# of this project",
        "profile: prod",
        "runtime: python:3.12",
        "region: fsn1",
        "parallel: 10",
        "cpu: 0.5",
        "memory: 512m",
        "timeout: 1h30m",
        "network: none",
        "retries: 3",
        "env:",
        "  MODE: fast",
        "  DEBUG: true",
        "  MAX_TOKENS: 100",
        "  DB_PASSWORD:",
        "include: [data, '*.csv']",
        "requirements: deps/run.txt",
        "output-dir: out"
      ].join("\n")
      assert.deepStrictEqual(yield* parse(text), {
        profile: "prod",
        runtime: "python:3.12",
        region: "fsn1",
        parallel: 10,
        cpu: 0.5,
        memory: 512 * 1024 ** 2,
        timeout: 5400,
        network: "none",
        retries: 3,
        env: { MODE: "fast", DEBUG: "true", MAX_TOKENS: "100", DB_PASSWORD: null },
        include: ["data", "*.csv"],
        requirements: "deps/run.txt",
        "output-dir": "out"
      })
      assert.deepStrictEqual(yield* parse("# nothing yet\n"), {})
    }))

  it.effect("name the line of a key that is not known, with the one that was meant", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* refused("cpu: 1\nmemry: 2g\n"), {
        reason: "unknownKey",
        key: "memry",
        line: 2,
        detail: "memory"
      })
      assert.deepInclude(yield* refused("server: https://grid.example\n"), { reason: "unknownKey", key: "server" })
    }))

  for (
    const line of [
      "memory: lots",
      "cpu: many",
      "timeout: soon",
      "parallel: 0",
      "network: slow",
      "retries: 1.5",
      "runtime: [a]",
      "env: MODE=fast",
      "env: { 1A: x }",
      "include: /etc/passwd",
      "requirements: ../requirements.txt",
      "include: [a, ../b]",
      "output-dir: ~/.ssh",
      "profile: 3"
    ]
  ) {
    it.effect(`name the line of a value that is none: ${line}`, () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* refused(`# first\n${line}\n`), {
          reason: "wrongValue",
          key: line.split(":", 1)[0]!,
          line: 2
        })
      }))
  }

  it.effect("are told to be no YAML at their line", () =>
    Effect.gen(function*() {
      assert.deepInclude(yield* refused("cpu: 1\ncpu: 2\n"), { reason: "malformed", line: 2 })
      assert.deepInclude(yield* refused("- a\n"), { reason: "malformed" })
    }))

  for (
    const [text, line, key] of [
      ["env:\n  AWS: AKIAIOSFODNN7EXAMPLE\n", 2, "AWS"],
      ["cpu: 1\n# old: sk-abcdefghijklmnopqrstuvwx\n", 2, "old"],
      ["runtime: postgres://me:pass@db/x\n", 1, "runtime"],
      ["env:\n  DB_PASSWORD: hunter2\n", 2, "DB_PASSWORD"],
      ["env: [MODE=fast, GITHUB_TOKEN=abc]\n", 1, "GITHUB_TOKEN"],
      ["cpu: 1\nsecret:\n  A: b\n", 2, "secret"],
      ["cpu: 1\napi_key: abc\n", 2, "api_key"]
    ] as const
  ) {
    it.effect(`hold no secret: ${JSON.stringify(text)}`, () =>
      Effect.gen(function*() {
        assert.deepInclude(yield* refused(text), { reason: "secret", line, key })
      }))
  }

  it("tell secrets from what only sounds like one", () => {
    for (const name of ["TOKEN", "githubToken", "api-key", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY_BASE"]) {
      assert.isTrue(isSecretName(name), name)
    }
    for (const name of ["MAX_TOKENS", "TOKENIZERS_PARALLELISM", "KEY", "PASSWORD_MIN_LENGTH", "SORT_KEY"]) {
      assert.isFalse(isSecretName(name), name)
    }
    for (const text of ["https://example.com/a:b@c", "sk-learn", "python:3.12"]) assert.isNull(secretIn(text))
  })
})

describe("variables of a project", () => {
  it.effect("without a value are the caller's own, masked when they are named like a secret", () =>
    Effect.gen(function*() {
      const env = { MODE: "fast", USER_NAME: null, DB_PASSWORD: null }
      assert.deepStrictEqual(yield* projectEnv({ env, path: "c" }, { own: { USER_NAME: "me", DB_PASSWORD: "p" } }), {
        env: { MODE: "fast", USER_NAME: "me" },
        secrets: { DB_PASSWORD: "p" }
      })
      assert.deepInclude(yield* Effect.flip(projectEnv({ env, path: "c" }, { own: {} })), { reason: "unset", key: "USER_NAME" })
    }))
})

const tree = Effect.acquireRelease(
  Effect.promise(async () => {
    const root = await mkdtemp(join(tmpdir(), "rgrid-project-"))
    await mkdir(join(root, ".rgrid"))
    await writeFile(join(root, ".rgrid", "config"), "")
    await mkdir(join(root, "repo", "deep"), { recursive: true })
    return root
  }),
  (root) => Effect.promise(() => rm(root, { recursive: true }))
)

describe("where a project's settings are looked for", () => {
  it.effect("here, and upward to the root of the repository, never beyond it", () =>
    Effect.gen(function*() {
      const root = yield* tree
      const repo = join(root, "repo")
      assert.isFalse(root.startsWith(homedir()))
      assert.strictEqual(findConfig(root), join(root, ".rgrid", "config"))
      assert.isNull(findConfig(repo), "outside of home and repository only the directory itself counts")
      yield* Effect.promise(async () => {
        await mkdir(join(repo, ".git"))
        await mkdir(join(repo, ".rgrid"))
      })
      assert.isNull(findConfig(join(repo, "deep")))
      yield* Effect.promise(() => writeFile(join(repo, ".rgrid", "config"), ""))
      assert.strictEqual(findConfig(join(repo, "deep")), join(repo, ".rgrid", "config"))
    }))
})
