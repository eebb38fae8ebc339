/** What `rgrid init` finds out before it writes: which grid, whether it may, which key, and whether that is good. */
import * as Effect from "effect/Effect"
import * as Layer from "effect/Layer"
import * as Redacted from "effect/Redacted"
import { text as textOf } from "node:stream/consumers"
import { Connection, isHttpUrl } from "rgrid/client/Connection"
import * as credentials from "rgrid/client/credentials"
import { KeyNotAccepted } from "rgrid/client/errors"
import { GridClient } from "rgrid/client/GridClient"
import { parse } from "rgrid/domain/ApiKey"
import * as Option from "effect/Option"
import { client } from "../grid/transport.ts"
import { BadInput } from "../input.ts"
import * as stdio from "../output/stdio.ts"
import { piped } from "../stdin.ts"
import { ask, askSecret, canAsk, confirm } from "./ask.ts"

const isOwn = (host: string): boolean => /^(localhost|127\.\d+\.\d+\.\d+|\[?::1\]?)$/.test(host)

/** `grid.example.com` is meant as https, `localhost:7400` as http. */
const withScheme = (text: string): string => {
  if (text.includes("://")) return text
  return `${isOwn(text.replace(/:\d+(\/.*)?$/, "")) ? "http" : "https"}://${text}`
}

const address = Effect.fnUntraced(function*(text: string) {
  const url = withScheme(text.trim())
  if (!isHttpUrl(url)) {
    return yield* new BadInput({ what: `${text} is no address of a server.`, fix: "Write it as https://grid.example.com." })
  }
  const { hostname, pathname, origin, protocol, username } = new URL(url)
  if (username !== "") {
    return yield* new BadInput({ what: "The address holds a name or password.", fix: `Write it as ${origin}.` })
  }
  if (protocol === "http:" && !isOwn(hostname)) {
    yield* stdio.say(`${origin} is not encrypted: others on the way can read the key.`)
  }
  return `${origin}${pathname}`.replace(/\/+$/, "")
})

/** The server named, else asked for. Null: none, so the grid of this machine. */
export const serverFor = Effect.fnUntraced(function*(named: string | undefined) {
  const known = named ?? process.env["RGRID_URL"] ?? ""
  const answer = known !== "" || !canAsk() ? known : yield* ask("Server (empty: the grid of this machine)")
  return answer === null || answer === "" ? null : yield* address(answer)
})

/** A key that is piped is meant for some grid; without one there is nothing to do. */
export const localNeedsNone = Effect.fnUntraced(function*(json: boolean) {
  if (!canAsk() && (yield* piped(true)) !== undefined) {
    process.stdin.destroy()
    return yield* new BadInput({ what: "It is not said which grid the key is for.", fix: "Add --server URL." })
  }
  yield* stdio.say(
    "The grid of this machine needs no key: rgrid run SCRIPT starts it. For another grid: rgrid init --server URL"
  )
  if (json) yield* stdio.json({ profile: credentials.local })
})

/** Asks before a profile is lost. */
export const mayReplace = Effect.fnUntraced(function*(name: string, force: boolean) {
  const profile = (yield* credentials.read()).get(name)
  if (profile === undefined || force) return true
  if (canAsk()) return yield* confirm(`Profile ${name} is there already, for ${profile.server}. Replace it?`, false)
  return yield* new BadInput({
    what: `Profile ${name} is there already, for ${profile.server}.`,
    fix: "Add --force to replace it, or --profile NAME to make another."
  })
})

const noKey = new BadInput({
  what: "No key was given; nothing was written.",
  fix: "Type it when asked, or pipe it: rgrid init --server URL < key.txt"
})

/** From the terminal without echo, else from stdin. */
export const keyFor = Effect.fnUntraced(function*(url: string) {
  if (canAsk()) yield* stdio.say(`Keys for ${url} are made by its admin: rgrid keys create --name NAME`)
  const given = canAsk()
    ? yield* askSecret("Enter your API key")
    : process.stdin.isTTY
    ? ""
    : (yield* Effect.promise(() => textOf(process.stdin))).trim()
  if (given === null || given === "") return yield* noKey
  // What is no key may be a password: it is not sent anywhere.
  if (Option.isNone(parse(given))) return yield* new KeyNotAccepted({ url, reason: "malformed" })
  return given
})

/** Who the server says that the key is. */
export const validated = (url: string, key: string) => {
  const connection = Layer.succeed(Connection, { url, key: Redacted.make(key), local: false })
  return GridClient.use(({ api, ask }) => ask(api.account.validate())).pipe(
    Effect.catchTag("KeyRefused", () => Effect.fail(new KeyNotAccepted({ url, reason: "refused" }))),
    Effect.provide(client.pipe(Layer.provide(connection)))
  )
}
