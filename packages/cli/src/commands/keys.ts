import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import * as Clock from "effect/Clock"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { Key } from "rgrid/api/Account"
import { GridClient } from "rgrid/client/GridClient"
import { Scope } from "rgrid/domain/ApiKey"
import { BadInput } from "../input.ts"
import { ago, plain } from "../output/format.ts"
import * as stdio from "../output/stdio.ts"
import { table } from "../output/table.ts"
import * as flags from "./flags.ts"
import { onGrid } from "./onGrid.ts"

const toJson = Schema.encodeSync(Key)

const row = ({ createdAt, id, name, revokedAt, scopes }: typeof Key.Type, now: number) => [
  id,
  plain(name),
  scopes.join(" "),
  ago(createdAt, now),
  revokedAt === null ? ["active", "green"] as const : [`revoked ${ago(revokedAt, now)}`, "dim"] as const
]

const list = Command.make("list", { json: flags.json }, ({ json }) =>
  Effect.gen(function*() {
    const { api, ask } = yield* GridClient
    const keys = yield* ask(api.account.keys())
    if (json) return yield* stdio.json(keys.map((key) => toJson(key)))
    const now = yield* Clock.currentTimeMillis
    yield* stdio.stdout(table(["ID", "NAME", "SCOPES", "CREATED", "STATE"], keys.map((key) => row(key, now))))
  }).pipe(onGrid)).pipe(
    Command.withDescription("List the keys of the account; the keys themselves are never shown again"),
    Command.withShortDescription("List the keys of the account"),
    Command.withExamples([
      { command: "rgrid keys list", description: "With their scopes and whether they are revoked" },
      { command: "rgrid keys list --json", description: "For programs" }
    ])
  )

const made = {
  name: Flag.String("name").pipe(Flag.withDescription("What the key is for, so that it can be told from others")),
  scope: Flag.Literals("scope", Scope.literals).pipe(
    Flag.withDescription("What it may do, given once or more; default: user"),
    Flag.atLeast(0)
  ),
  json: flags.json
}

const checkName = (name: string) =>
  name.trim() !== "" && name.length <= 100
    ? Effect.void
    : Effect.fail(new BadInput({ what: "--name must have 1 to 100 characters.", fix: "Like --name ci." }))

const create = Command.make("create", made, ({ json, name, scope }) =>
  Effect.gen(function*() {
    yield* checkName(name)
    const [first = "user", ...others] = new Set(scope)
    const { key, record } = yield* Effect.flatMap(GridClient, ({ api, ask }) =>
      ask(api.account.createKey({ payload: { name, scopes: [first, ...others] } }))).pipe(onGrid)
    if (json) return yield* stdio.json({ ...toJson(record), key })
    yield* stdio.stdout(`${key}\n`)
    yield* stdio.say(
      `✓ Made key ${record.id} with ${record.scopes.join(", ")}. It is shown this once; store it with rgrid init.`
    )
  })).pipe(
    Command.withDescription("Make a key. It is printed on stdout, this once"),
    Command.withExamples([
      { command: "rgrid keys create --name ci", description: "For a person or a program that runs scripts" },
      { command: "rgrid keys create --name worker-1 --scope runner", description: "For rgrid runner" }
    ])
  )

const revoked = {
  id: Argument.String("id").pipe(Argument.withDescription("The key's id, as rgrid keys list shows it")),
  force: Flag.Boolean("force").pipe(
    Flag.withDescription("Also the very key this command is given with"),
    Flag.withDefault(false)
  ),
  json: flags.json
}

/** Without it, this machine would be locked out by its own command. */
const checkOther = Effect.fnUntraced(function*(id: string, force: boolean) {
  if (force) return
  const { api, ask } = yield* GridClient
  const { key } = yield* ask(api.account.validate())
  if (key !== id) return
  return yield* new BadInput({
    what: `${id} is the key this command is given with.`,
    fix: "Store another first with rgrid init, or add --force."
  })
})

const revoke = Command.make("revoke", revoked, ({ force, id, json }) =>
  Effect.gen(function*() {
    yield* checkOther(id, force)
    const { api, ask } = yield* GridClient
    const key = yield* ask(api.account.revokeKey({ params: { id } }))
    if (json) return yield* stdio.json(toJson(key))
    yield* stdio.say(`✓ Revoked ${key.id} (${plain(key.name)}). It is refused from now on.`)
  }).pipe(onGrid)).pipe(
    Command.withDescription("Revoke a key, at once and for good"),
    Command.withExamples([{ command: "rgrid keys revoke ID", description: "Whoever uses it is refused from now on" }])
  )

export const keys = Command.make("keys").pipe(
  Command.withDescription(
    "The keys of the account: list, create, revoke. Making and revoking takes a key with scope admin."
  ),
  Command.withShortDescription("List, make and revoke keys"),
  Command.withExamples([{ command: "rgrid keys create --name ci", description: "A key for another program" }]),
  Command.withSubcommands([list, create, revoke])
)
