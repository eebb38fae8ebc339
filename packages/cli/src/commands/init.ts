import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as credentials from "rgrid/client/credentials"
import { offerIgnore } from "../init/gitignore.ts"
import { keyFor, localNeedsNone, mayReplace, serverFor, validated } from "../init/steps.ts"
import { BadInput } from "../input.ts"
import * as stdio from "../output/stdio.ts"
import { Profile } from "../profile.ts"
import * as flags from "./flags.ts"

const input = {
  server: Flag.String("server").pipe(
    Flag.withDescription("Address of the grid, like https://grid.example.com"),
    Flag.optional
  ),
  force: Flag.Boolean("force").pipe(Flag.withDescription("Replace a profile without asking"), Flag.withDefault(false)),
  json: flags.json
}

const checkName = (name: string) =>
  credentials.isProfileName(name) && name !== credentials.local
    ? Effect.succeed(name)
    : Effect.fail(
      new BadInput({
        what: name === credentials.local
          ? "The profile local is the grid of this machine, which needs no key."
          : `--profile ${name} is no name for a profile.`,
        fix: "Choose another, of letters, digits, - and _."
      })
    )

/** RGRID_PROFILE=local only says that this machine's grid is used otherwise. */
const usual = (): string => {
  const named = process.env["RGRID_PROFILE"] ?? ""
  return named === "" || named === credentials.local ? credentials.standard : named
}

export const init = Command.make("init", input, ({ force, json, server }) =>
  Effect.gen(function*() {
    const name = yield* checkName(Option.getOrElse(yield* Profile, usual))
    const url = yield* serverFor(Option.getOrUndefined(server))
    if (url === null) return yield* localNeedsNone(json)
    if (!(yield* mayReplace(name, force))) return yield* stdio.say("Nothing was changed.")
    const key = yield* keyFor(url)
    const { account, scopes } = yield* validated(url, key)
    yield* credentials.write(name, { server: url, key })
    const path = credentials.credentialsPath()
    yield* stdio.say(`✓ ${url} accepts the key; it is stored as profile ${name} in ${path}.`)
    if (json) yield* stdio.json({ profile: name, server: url, path, account, scopes })
    yield* offerIgnore
  })).pipe(
    Command.withDescription(
      "Store the key of a grid in ~/.rgrid/credentials. The key is asked for without echo, or read from stdin, and is " +
        "stored only when the grid accepts it. The grid of this machine needs none."
    ),
    Command.withShortDescription("Store the key of a grid"),
    Command.withExamples([
      { command: "rgrid init --server https://grid.example.com", description: "Asks for the key" },
      { command: "rgrid init --profile staging --server https://staging.example.com", description: "As another profile" },
      { command: "rgrid init --server https://grid.example.com --force < key.txt", description: "Without a terminal" }
    ])
  )
