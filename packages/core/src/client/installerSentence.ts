/** What an installing program's last words mean: uv, pip, npm, pnpm and yarn say the same few things differently. */
import type { Failure } from "../domain/Failure.ts"

type Refusal = Extract<Failure, { readonly _tag: "DependenciesFailed" }>

/** Advice for whoever typed the command, and where a log is that is gone. */
const isAside = (line: string): boolean =>
  /^(?:hint|note|help|info|warning|WARN|npm (?:warn|notice|http)\b|\[notice\])[: ]/i.test(line) ||
  /complete log of this run|^(?:hint|note):?$/i.test(line)

const withoutMark = (line: string): string =>
  line.replace(/^(?:[×✗╰─▶├│ ]+|error:?|cause:|ERROR:?|ERR_PNPM_\w+|npm error(?: code| E\w+)?)\s+/i, "").trim()

const lastWord = (tail: string): string => {
  const lines = tail.split("\n").map((line) => line.trim()).filter((line) => line !== "")
  let last = lines.findLast((line) => !isAside(line)) ?? lines.at(-1) ?? ""
  for (let shorter = withoutMark(last); shorter !== last; shorter = withoutMark(last)) last = shorter
  return last.slice(0, 300)
}

const advice: ReadonlyArray<readonly [RegExp, string]> = [
  [
    /UnknownIssuer|CERTIFICATE_VERIFY_FAILED|self[- _]signed|UNABLE_TO_(?:GET|VERIFY)|unable to get local issuer/i,
    "Give the grid your proxy's certificates: rgrid down, then RGRID_CA_BUNDLE=FILE.pem rgrid up."
  ],
  [
    /dns error|failed to lookup|ENOTFOUND|EAI_AGAIN|ECONNREFUSED|Connection refused|network is unreachable|tcp connect/i,
    "Check that the worker reaches the index, or name another when the grid starts: RGRID_PACKAGE_INDEX, RGRID_NPM_REGISTRY."
  ],
  [/No interpreter found for Python|requires[- ]python|EBADENGINE/i, "Choose a runtime that has it: --runtime."]
]

export const installerSentence = ({ declared, reason, tail }: Refusal) => ({
  why: reason === "timeout" ? "It took longer than 5 minutes." : lastWord(tail),
  fix: advice.find(([pattern]) => reason !== "timeout" && pattern.test(tail))?.[1] ??
    `Try it here, mend ${declared}, and run again.`
})
