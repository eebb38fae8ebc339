/** What holds for every command there is, also for the one that is added tomorrow. */
import { assert, describe, it } from "@effect/vitest"
import type * as Command from "effect/cli/Command"
import * as Completions from "effect/cli/Completions"
import { cli } from "../src/cli.ts"
import { script } from "../src/output/completions.ts"

interface Found {
  readonly path: string
  readonly command: Command.Command.Any
}

const below = (command: Command.Command.Any, path: string): ReadonlyArray<Found> => [
  { path, command },
  ...command.subcommands.flatMap(({ commands }) => commands.flatMap((sub) => below(sub, `${path} ${sub.name}`)))
]

const all = below(cli, "rgrid")

const described = ({ flags, name, subcommands, ...rest }: Completions.CommandDescriptor, path = name): ReadonlyArray<string> => [
  ...[...flags, ...rest.arguments].filter(({ description }) => !description).map((word) => `${path}: ${word.name}`),
  ...subcommands.flatMap((sub) => described(sub, `${path} ${sub.name}`))
]

describe("every command", () => {
  for (const { command, path } of all) {
    it(`${path}: says what it does in a line, and shows how`, () => {
      assert.isAtMost((command.shortDescription ?? command.description ?? "").length, 100)
      assert.isNotEmpty(command.description)
      assert.isAtLeast(command.examples.length, 1)
      for (const example of command.examples) {
        assert.match(example.command, /\brgrid\b/)
        assert.isNotEmpty(example.description)
      }
      if (command !== cli) assert.isTrue(command.examples.some((example) => example.command.includes(path)), path)
    })
  }

  it("has words for each flag and argument", () => {
    assert.deepStrictEqual(described(Completions.fromCommand(cli)), [])
  })

  it("is known to each shell, with files where it takes files", () => {
    for (const shell of ["bash", "zsh", "fish"] as const) {
      const text = script(cli, shell)
      for (const { command } of all) assert.include(text, command.name)
      assert.include(text, "profile")
      assert.notInclude(text, "--completions")
    }
  })
})
