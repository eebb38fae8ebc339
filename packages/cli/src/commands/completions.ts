import * as Argument from "effect/cli/Argument"
import * as Command from "effect/cli/Command"
import * as Effect from "effect/Effect"
import { script } from "../output/completions.ts"
import * as stdio from "../output/stdio.ts"

const shell = Argument.Literals("shell", ["bash", "zsh", "fish"]).pipe(Argument.withDescription("Whose completions"))

/** `root`: the whole tree, which this command is itself part of. */
export const completions = (root: () => Command.Command.Any) =>
  Command.make("completions", { shell }, ({ shell }) => Effect.suspend(() => stdio.stdout(script(root(), shell)))).pipe(
    Command.withDescription("Print a shell's completions: commands, flags, their values, and files"),
    Command.withShortDescription("Print a shell's completions"),
    Command.withExamples([
      { command: "source <(rgrid completions bash)", description: "In ~/.bashrc" },
      { command: "source <(rgrid completions zsh)", description: "In ~/.zshrc, behind compinit" },
      { command: "rgrid completions fish > ~/.config/fish/completions/rgrid.fish", description: "Once" }
    ])
  )
