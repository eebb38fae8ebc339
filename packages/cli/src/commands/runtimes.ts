/** What can run a script. Asked of no grid: every grid knows the same names. */
import * as Command from "effect/cli/Command"
import type { Runtime, RuntimeProvider } from "rgrid/ports/RuntimeProvider"
import { providers } from "rgrid/runtimes/providers"
import * as stdio from "../output/stdio.ts"
import { table } from "../output/table.ts"
import * as flags from "./flags.ts"

/** Those it can run: an older one may read less. */
const endingsOf = (provider: RuntimeProvider, { name }: Runtime): ReadonlyArray<string> =>
  provider.endings.filter((ending) => provider.interpreter({ path: `script${ending}`, firstLine: "" }, name) !== null)

const listed = providers.flatMap((provider) => provider.runtimes.map((runtime) => ({ provider, runtime })))

/** Taken when none is named. Images without a language are always named. */
const isDefault = (provider: RuntimeProvider, runtime: Runtime): boolean =>
  provider.endings.length > 0 && provider.runtimes[0] === runtime

const toJson = () =>
  listed.map(({ provider, runtime }) => ({
    name: runtime.name,
    image: runtime.image,
    language: provider.endings.length > 0 ? provider.language : null,
    default: isDefault(provider, runtime),
    endings: endingsOf(provider, runtime),
    programs: provider.programs,
    brings: runtime.brings
  }))

const rows = () =>
  listed.map(({ provider, runtime }) => [
    isDefault(provider, runtime) ? `${runtime.name} (default)` : runtime.name,
    provider.endings.length > 0 ? endingsOf(provider, runtime).join(" ") : "any",
    runtime.image,
    runtime.brings
  ])

const show = (json: boolean) =>
  json ? stdio.json(toJson()) : stdio.stdout(table(["Runtime", "Runs", "Image", "Brings"], rows()))

const examples = [
  { command: "rgrid runtimes", description: "What --runtime takes" },
  { command: "rgrid run --runtime python:3.12 process.py", description: "One of them" },
  { command: "rgrid run --runtime docker.io/library/perl:5 job.pl", description: "Any other image" }
]

const list = Command.make("list", { json: flags.json }, ({ json }) => show(json)).pipe(
  Command.withDescription("The same as rgrid runtimes"),
  Command.withExamples([{ command: "rgrid runtimes list --json", description: "For a program" }])
)

export const runtimes = Command.make("runtimes", { json: flags.json }, ({ json }) => show(json)).pipe(
  Command.withDescription(
    "What can run a script. Default: told by the script's ending, else by its #! line. Any image may be named instead."
  ),
  Command.withShortDescription("List what can run a script"),
  Command.withExamples(examples),
  Command.withSubcommands([list])
)
