/**
 * What scripts may reach: packet filter rules for the bridge of a runner's slots.
 *
 * Docker passes all forwarded packets through `DOCKER-USER` first; packets to this machine's own addresses go through
 * `INPUT` instead. Both jump to chains of ours. The resolvers come before every refusal: Docker's embedded DNS asks
 * them from the container's own namespace.
 */
import * as Effect from "effect/Effect"
import { execFile } from "node:child_process"
import { readFile } from "node:fs/promises"
import { isIPv4 } from "node:net"
import { promisify } from "node:util"
import { describe } from "./errors.ts"

export interface EgressPolicy {
  /** Interface name of the slots' bridge. */
  readonly bridge: string
  /** At most 24 characters. */
  readonly chain: string
  readonly allowPrivateNetworks: boolean
  /** IPv4 addresses of this machine's resolvers. */
  readonly resolvers: ReadonlyArray<string>
}

/** Where clouds answer with credentials of the machine: never reachable, whatever the policy. */
const metadata = ["169.254.0.0/16", "100.100.100.200/32", "192.0.0.192/32"]

const notPublic = [
  "0.0.0.0/8",
  "10.0.0.0/8",
  "100.64.0.0/10",
  "127.0.0.0/8",
  "172.16.0.0/12",
  "192.0.0.0/24",
  "192.168.0.0/16",
  "198.18.0.0/15",
  "224.0.0.0/4",
  "240.0.0.0/4"
]

const inputChain = (chain: string): string => `${chain}-IN`

const returning = (chain: string, resolvers: ReadonlyArray<string>): ReadonlyArray<string> => [
  `-A ${chain} -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN`,
  ...resolvers.flatMap((address) =>
    ["udp", "tcp"].map((protocol) => `-A ${chain} -p ${protocol} -d ${address} --dport 53 -j RETURN`)
  )
]

/** The kernel sends one ICMP error a second to a host; of more refusals the script would see only a timeout. */
const rejecting = (chain: string, match: string): ReadonlyArray<string> => [
  `-A ${chain} ${match}-p tcp -j REJECT --reject-with tcp-reset`,
  `-A ${chain} ${match}-j REJECT`
]

/** Input for `iptables-restore --noflush`, which replaces both chains at once. */
export const chains = ({ allowPrivateNetworks, chain, resolvers }: EgressPolicy): string => {
  const refused = allowPrivateNetworks ? metadata : [...metadata, ...notPublic]
  return [
    "*filter",
    `:${chain} - [0:0]`,
    `:${inputChain(chain)} - [0:0]`,
    ...returning(chain, resolvers),
    ...refused.flatMap((range) => rejecting(chain, `-d ${range} `)),
    ...returning(inputChain(chain), resolvers),
    ...(allowPrivateNetworks ? metadata.map((range) => `-d ${range} `) : [""])
      .flatMap((match) => rejecting(inputChain(chain), match)),
    "COMMIT",
    ""
  ].join("\n")
}

/** The rules that lead into the chains. */
export const jumps = ({ bridge, chain }: EgressPolicy): ReadonlyArray<readonly [string, ReadonlyArray<string>]> => [
  ["DOCKER-USER", ["-i", bridge, "-j", chain]],
  ["INPUT", ["-i", bridge, "-j", inputChain(chain)]]
]

/** The resolvers in the text of a `resolv.conf`; those on the loopback are Docker's own business. */
export const resolversIn = (text: string): ReadonlyArray<string> =>
  text.split("\n")
    .map((line) => /^\s*nameserver\s+(\S+)/.exec(line)?.[1] ?? "")
    .filter((address) => isIPv4(address) && !address.startsWith("127."))

/** Both names: systemd's stub points to the loopback, and Docker then uses the file behind it. */
export const resolvers: Effect.Effect<ReadonlyArray<string>> = Effect.promise(async () => {
  const texts = await Promise.all(
    ["/etc/resolv.conf", "/run/systemd/resolve/resolv.conf"].map((path) => readFile(path, "utf8").catch(() => ""))
  )
  return [...new Set(texts.flatMap(resolversIn))]
})

const execute = promisify(execFile)

const iptables = (...args: ReadonlyArray<string>): Promise<unknown> => execute("iptables", ["-w", "5", ...args])

const restore = (input: string): Promise<void> =>
  new Promise((resolve, reject) => {
    const child = execFile("iptables-restore", ["-w", "5", "--noflush"], (error) => error ? reject(error) : resolve())
    child.stdin?.on("error", reject)
    child.stdin?.end(input)
  })

const apply = async (policy: EgressPolicy): Promise<void> => {
  await restore(chains(policy))
  for (const [chain, rule] of jumps(policy)) {
    await iptables("-C", chain, ...rule).catch(() => iptables("-I", chain, "1", ...rule))
  }
}

/** Why the promise failed, in a line; `undefined` when it did not. */
const refusal = (act: () => Promise<unknown>): Effect.Effect<string | undefined> =>
  Effect.tryPromise(act).pipe(
    Effect.as(undefined),
    Effect.catch(({ cause }) => Effect.succeed(`iptables refused: ${describe(cause).message.split("\n")[0]}`))
  )

/** Why rules can't be set on this machine; `undefined` when they can. Changes nothing. */
export const obstacle: Effect.Effect<string | undefined> = Effect.suspend(() => {
  if (process.platform !== "linux") return Effect.succeed("Docker runs in a virtual machine of its own here.")
  if (process.getuid?.() !== 0) return Effect.succeed("The runner is not root, so it can't set packet filter rules.")
  return refusal(() => iptables("-n", "-L", "DOCKER-USER"))
})

/** Puts the rules in place, again if need be. Answers why it can't, `undefined` when it could. */
export const enforce = (policy: EgressPolicy): Effect.Effect<string | undefined> =>
  Effect.flatMap(obstacle, (reason) =>
    reason === undefined ? refusal(() => apply(policy)) : Effect.succeed(reason))

/** Removes the rules. Never fails. */
export const lift = (policy: EgressPolicy): Effect.Effect<void> =>
  Effect.promise(async () => {
    for (const [chain, rule] of jumps(policy)) await iptables("-D", chain, ...rule).catch(() => undefined)
    for (const chain of [policy.chain, inputChain(policy.chain)]) {
      await iptables("-F", chain).then(() => iptables("-X", chain)).catch(() => undefined)
    }
  })
