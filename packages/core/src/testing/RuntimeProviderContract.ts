/** What every language must tell, as tests. */
import { assert, describe, it } from "@effect/vitest"
import { isEnvName } from "../domain/JobSpec.ts"
import type { RuntimeProvider } from "../ports/RuntimeProvider.ts"

const scriptsOf = ({ endings, programs }: RuntimeProvider) => [
  ...endings.map((ending) => ({ path: `dir/script${ending}`, firstLine: "" })),
  ...programs.map((program) => ({ path: "script", firstLine: `#!/usr/bin/env ${program}` }))
]

/** Also no empty words: a program without a name can't be started. */
const areWords = (words: ReadonlyArray<string>): boolean =>
  words.every((word) => word !== "" && !word.includes("\0"))

/** `others`: all that stand in the same list. */
export const suite = (provider: RuntimeProvider, others: ReadonlyArray<RuntimeProvider>): void => {
  describe(`RuntimeProvider: ${provider.language}`, () => {
    it("names runtimes that nobody else names, of images with a tag", () => {
      const taken = others.filter((other) => other !== provider).flatMap(({ runtimes }) => runtimes.map(({ name }) => name))
      const names = provider.runtimes.map(({ name }) => name)
      assert.strictEqual(new Set(names).size, names.length)
      for (const { image, name } of provider.runtimes) {
        assert.match(name, /^[a-z0-9]+(:[\w.-]+)?$/)
        assert.match(image, /^[a-z0-9./-]+:[\w.-]+$/)
        assert.notInclude(taken, name)
      }
    })

    it("claims endings and programs in the form they are looked for", () => {
      for (const ending of provider.endings) assert.match(ending, /^\.[a-z0-9]+$/)
      for (const program of provider.programs) assert.match(program, /^[a-z][a-z0-9-]*[a-z]$/)
    })

    it("runs each of its scripts in its default", () => {
      for (const script of scriptsOf(provider)) {
        const interpreter = provider.interpreter(script, provider.runtimes[0].name)
        assert.isNotNull(interpreter)
        assert.isTrue(areWords(interpreter ?? []))
        assert.isAbove(interpreter?.length ?? 0, 0)
      }
    })

    it("answers for any runtime and script, and the same each time", () => {
      for (const script of [...scriptsOf(provider), { path: "a\nb", firstLine: "#!" }, { path: "", firstLine: "" }]) {
        for (const runtime of [...provider.runtimes.map(({ name }) => name), "docker.io/acme/tool:1", ""]) {
          const once = provider.interpreter(script, runtime)
          assert.deepStrictEqual(provider.interpreter(script, runtime), once)
          assert.isTrue(areWords(once ?? []))
        }
      }
    })

    it("checks by programs whose rejection can be told from success, and only for a version it knows", () => {
      for (const script of scriptsOf(provider)) {
        assert.isNull(provider.check("/here/script", script, "docker.io/acme/tool:1"))
        for (const { name } of provider.runtimes) {
          const check = provider.check("/here/script", script, name)
          if (check === null) continue
          assert.isAbove(check.programs.length, 0)
          assert.notStrictEqual(check.rejects, 0)
          assert.notStrictEqual(check.exitCode, 0)
          assert.isTrue(check.args.some((word) => word === "/here/script" || word === script.path))
        }
      }
    })

    it("gives an environment of proper names, none of which decides what is found", () => {
      for (const name of Object.keys(provider.environment)) {
        assert.isTrue(isEnvName(name))
        assert.notInclude(["PATH", "HOME", "LD_PRELOAD", "LD_LIBRARY_PATH"], name)
      }
    })
  })
}
