/** Labels from CI and git; git itself makes the repositories. */
import { afterAll, assert, beforeAll, describe, it } from "@effect/vitest"
import { execFileSync } from "node:child_process"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { provenance } from "../../src/client/provenance.ts"

const places = mkdtempSync(join(tmpdir(), "rgrid-provenance-"))
const place = () => mkdtempSync(join(places, "place-"))

/** Nobody's own settings: they may sign commits, or name branches otherwise. */
const env = { ...process.env, GIT_CONFIG_GLOBAL: "/dev/null", GIT_CONFIG_NOSYSTEM: "1" }

const git = (cwd: string, ...args: ReadonlyArray<string>): string =>
  execFileSync("git", ["-c", "user.name=T", "-c", "user.email=t@example.com", ...args], { cwd, encoding: "utf8", env, stdio: "pipe" }).trim()

const repository = (): string => {
  const root = place()
  git(root, "init", "-b", "main")
  git(root, "commit", "--allow-empty", "-m", "one")
  return root
}

const head = (root: string): string => git(root, "rev-parse", "HEAD")

afterAll(() => rmSync(places, { recursive: true }))

describe("of git", () => {
  let root = ""
  beforeAll(() => {
    root = repository()
  })

  it("is the commit and the branch, from any directory of the repository", async () => {
    mkdirSync(join(root, "a/b"), { recursive: true })
    const expected = { commit: head(root), ref: "refs/heads/main" }
    assert.deepStrictEqual(await provenance(root, {}), expected)
    assert.deepStrictEqual(await provenance(join(root, "a/b"), {}), expected)
  })

  it("is found among packed refs, first, between and last", async () => {
    const packed = repository()
    for (const name of ["aaa", "feature/x", "zzz"]) {
      git(packed, "checkout", "-b", name)
      git(packed, "commit", "--allow-empty", "-m", name)
    }
    git(packed, "pack-refs", "--all")
    for (const name of ["aaa", "feature/x", "zzz"]) {
      git(packed, "checkout", name)
      assert.deepStrictEqual(await provenance(packed, {}), { commit: head(packed), ref: `refs/heads/${name}` })
    }
  })

  it("is the commit alone where no branch is checked out", async () => {
    const detached = repository()
    git(detached, "checkout", "--detach")
    assert.deepStrictEqual(await provenance(detached, {}), { commit: head(detached) })
  })

  it("is the worktree's own", async () => {
    const tree = join(place(), "tree")
    git(root, "worktree", "add", "-b", "other", tree)
    git(tree, "commit", "--allow-empty", "-m", "two")
    assert.deepStrictEqual(await provenance(tree, {}), { commit: head(tree), ref: "refs/heads/other" })
    assert.notStrictEqual(head(tree), head(root))
  })

  it("is nothing without a repository, a commit, or a ref inside it", async () => {
    const empty = place()
    git(empty, "init")
    const leading = repository()
    writeFileSync(join(leading, ".git/HEAD"), "ref: refs/../../outside\n")
    writeFileSync(join(leading, "outside"), `${"a".repeat(40)}\n`)
    for (const nowhere of [place(), empty, leading]) assert.deepStrictEqual(await provenance(nowhere, {}), {})
  })
})

const hash = "c".repeat(40)

describe("of CI", () => {
  it("is what GitHub tells, and stands above git", async () => {
    const env = {
      GITHUB_ACTIONS: "true",
      GITHUB_SHA: "b".repeat(40),
      GITHUB_REF: "refs/pull/7/merge",
      GITHUB_ACTOR: "ada",
      GITHUB_WORKFLOW: "Nightly",
      GITHUB_REPOSITORY: "o/r",
      GITHUB_RUN_ID: "42",
      GITHUB_SERVER_URL: "https://github.example.com"
    }
    assert.deepStrictEqual(await provenance(repository(), env), {
      commit: "b".repeat(40),
      ref: "refs/pull/7/merge",
      actor: "ada",
      workflow: "Nightly",
      run: "https://github.example.com/o/r/actions/runs/42"
    })
  })

  it.each([
    [{ GITLAB_CI: "true", CI_COMMIT_SHA: hash, CI_COMMIT_BRANCH: "dev", GITLAB_USER_LOGIN: "ada", CI_JOB_NAME: "fit", CI_PIPELINE_URL: "https://g/1" }, "refs/heads/dev"],
    [{ GITLAB_CI: "true", CI_COMMIT_SHA: hash, CI_COMMIT_TAG: "v1", GITLAB_USER_LOGIN: "ada", CI_PIPELINE_NAME: "fit", CI_PIPELINE_URL: "https://g/1" }, "refs/tags/v1"],
    [{ BUILDKITE: "true", BUILDKITE_COMMIT: hash, BUILDKITE_BRANCH: "dev", BUILDKITE_BUILD_CREATOR: "ada", BUILDKITE_PIPELINE_SLUG: "fit", BUILDKITE_BUILD_URL: "https://g/1" }, "refs/heads/dev"],
    [{ CIRCLECI: "true", CIRCLE_SHA1: hash, CIRCLE_TAG: "v1", CIRCLE_USERNAME: "ada", CIRCLE_JOB: "fit", CIRCLE_BUILD_URL: "https://g/1" }, "refs/tags/v1"],
    [{ JENKINS_URL: "https://j", GIT_COMMIT: hash, GIT_BRANCH: "origin/dev", BUILD_USER_ID: "ada", JOB_NAME: "fit", BUILD_URL: "https://g/1" }, "refs/heads/dev"]
  ])("is what other systems tell: %o", async (env, ref) => {
    assert.deepStrictEqual(await provenance(place(), env), { commit: hash, ref, actor: "ada", workflow: "fit", run: "https://g/1" })
  })

  it("is completed from git where it names no commit", async () => {
    const root = repository()
    const found = await provenance(root, { JENKINS_URL: "https://j", JOB_NAME: "fit" })
    assert.deepStrictEqual(found, { commit: head(root), ref: "refs/heads/main", workflow: "fit" })
  })

  it.each(["HEAD", hash.slice(0, 12)])("asks git where what it names is no whole hash: %j", async (name) => {
    const root = repository()
    const found = await provenance(root, { BUILDKITE: "true", BUILDKITE_COMMIT: name, BUILDKITE_BRANCH: "dev" })
    assert.deepStrictEqual(found, { commit: head(root), ref: "refs/heads/dev" })
    assert.deepStrictEqual(await provenance(place(), { BUILDKITE: "true", BUILDKITE_COMMIT: name }), {})
  })

  it("is not taken from variables that only look like it", async () => {
    assert.deepStrictEqual(await provenance(place(), { GIT_COMMIT: hash, GITHUB_SHA: hash }), {})
  })
})
