/** What to type or change about what a script's last words tell, and the names of signals. */
import type { Cause } from "../domain/causes/Cause.ts"

type Of<Tag extends Cause["_tag"]> = Extract<Cause, { readonly _tag: Tag }>

const meant = (nearest: string): string => `Did you mean ${nearest}?`

const moduleMissing = (cause: Of<"ModuleMissing">): string => {
  if (cause.package === null) {
    return cause.nearest === null ? `Send it with the script: --include ${cause.module}` : meant(cause.nearest)
  }
  const list = cause.language === "python" ? "requirements.txt" : "package.json and its lock"
  const add = `Add ${cause.package} to ${list} beside the script, or use an image that has it: --runtime IMAGE`
  if (cause.nearest !== null) return `${meant(cause.nearest)} If not: ${add.charAt(0).toLowerCase()}${add.slice(1)}.`
  return cause.language === "python" ? `${add}; a file of your own: --include ${cause.module.split(".")[0]}.py` : `${add}.`
}

const fileMissing = ({ nearest, path }: Of<"FileMissing">): string =>
  nearest === null ? `Name it as an argument, or send it: --include ${path}` : meant(nearest)

const syntaxInvalid = ({ file, line }: Of<"SyntaxInvalid">): string => {
  if (file === null) return "Correct the script, or choose another version: --runtime."
  return `Correct ${file}${line === null ? "" : `:${line}`}, or choose another version: --runtime.`
}

const permissionDenied = ({ path, reason }: Of<"PermissionDenied">): string => {
  switch (reason) {
    case "notExecutable":
      return `chmod +x ${path ?? "what it calls"}, then run it again.`
    case "readOnly":
      return "Write below the working directory: what is made there comes back."
    case "denied":
      return `Check the permissions of ${path ?? "what it opens"}, or write below the working directory.`
  }
}

const gibibyte = 1024 ** 3

/** Twice of what did not do, as `--memory` takes it. */
export const moreMemory = (limitBytes: number | null): string => {
  if (limitBytes === null) return "4g"
  const twice = 2 * limitBytes
  return twice % gibibyte === 0 ? `${twice / gibibyte}g` : `${Math.ceil(twice / 1024 ** 2)}m`
}

const heapExhausted = ({ language, limitBytes }: Of<"HeapExhausted">): string => {
  const memory = moreMemory(limitBytes)
  return language === "python"
    ? `Give it more: --memory ${memory}`
    : `Give it more: --memory ${memory} --env NODE_OPTIONS=--max-old-space-size=${heapOf(limitBytes)}`
}

/** Node's own limit, in MiB: three quarters of the memory there will be. */
const heapOf = (limitBytes: number | null): number => Math.floor((2 * (limitBytes ?? 2 * gibibyte) * 0.75) / 1024 ** 2)

const isHere = (host: string): boolean => /^(?:localhost|127\.|::1|0\.0\.0\.0)/.test(host)

const networkFailed = ({ blocked, host, reason }: Of<"NetworkFailed">): string => {
  if (blocked) return "The execution has no network: run it without --network none."
  const whom = host ?? "the other side"
  if (host !== null && isHere(host)) return `${host} is the place where the script runs: name the machine that has the service.`
  switch (reason) {
    case "name":
      return `Check the name${host === null ? "" : ` ${host}`}, and that the worker can resolve it.`
    case "refused":
      return `Check that the service of ${whom} runs and listens on that port.`
    case "unreachable":
    case "timeout":
      return `Check that the worker can reach ${whom}.`
  }
}

const uncaught = ({ file, line }: Of<"UncaughtException">): string =>
  file === null ? "See its output." : `Look at ${file}${line === null ? "" : `:${line}`}.`

/** What to do about it; why is its root line. */
export const ofCause = (cause: Cause): string => {
  switch (cause._tag) {
    case "ModuleMissing":
      return moduleMissing(cause)
    case "FileMissing":
      return fileMissing(cause)
    case "SyntaxInvalid":
      return syntaxInvalid(cause)
    case "PermissionDenied":
      return permissionDenied(cause)
    case "DiskFull":
      return "Write less, or free space where the grid runs."
    case "HeapExhausted":
      return heapExhausted(cause)
    case "CommandMissing":
      return `Choose an image that has ${cause.command}: --runtime IMAGE`
    case "NetworkFailed":
      return networkFailed(cause)
    case "UncaughtException":
      return uncaught(cause)
  }
}

/** Linux's, which is where scripts run; the numbers of the machine that reads this may differ. */
const signals = (
  "HUP INT QUIT ILL TRAP ABRT BUS FPE KILL USR1 SEGV USR2 PIPE ALRM TERM STKFLT CHLD CONT STOP TSTP TTIN TTOU URG XCPU " +
  "XFSZ VTALRM PROF WINCH IO PWR SYS"
).split(" ")

const meanings: Readonly<Record<string, string>> = {
  ILL: "It ran an instruction that the worker's processor does not have.",
  ABRT: "It gave up by itself: abort().",
  BUS: "It touched memory that is not there, such as a mapped file that became shorter.",
  FPE: "It divided by zero, or another calculation had no result.",
  KILL: "It, or another process there, killed it.",
  SEGV: "It touched memory that is not its own.",
  PIPE: "It wrote to a pipe that nobody reads.",
  TERM: "It, or another process there, asked it to end."
}

/** A signal's name, as `SIGSEGV`, and what it means, if that says more. */
export const ofSignal = (number: number): { readonly name: string; readonly meaning: string } => {
  const name = signals[number - 1]
  return name === undefined ? { name: `Signal ${number}`, meaning: "" } : { name: `SIG${name}`, meaning: meanings[name] ?? "" }
}
