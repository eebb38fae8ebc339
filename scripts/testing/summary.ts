/** Tells scripts/test.mjs how many tests there were, in a file: what is printed is for people. */
import { writeFileSync } from "node:fs"
import type { Reporter, TestModule } from "vitest/node"

const counts = (modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>) => {
  const tests = modules.flatMap((module) => [...module.children.allTests()])
  const ended = (state: string) => tests.filter((test) => test.result().state === state).length
  // A file that could not be loaded has no tests to fail.
  const broken = modules.filter((module) => module.errors().length > 0)
  return {
    passed: ended("passed"),
    failed: ended("failed") + broken.length + unhandled.length,
    skipped: ended("skipped") + ended("pending"),
    skippedNames: tests.filter((test) => test.result().state === "skipped").map((test) => test.fullName)
  }
}

// Vitest takes a reporter from a file's default export.
export default class Summary implements Reporter {
  onTestRunEnd(modules: ReadonlyArray<TestModule>, unhandled: ReadonlyArray<unknown>): void {
    const file = process.env["RGRID_TEST_SUMMARY"]
    if (file !== undefined) writeFileSync(file, JSON.stringify(counts(modules, unhandled)))
  }
}
