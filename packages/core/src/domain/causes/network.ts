/** A connection that could not be made. */
import type { Cause } from "./Cause.ts"
import { line, type Words } from "./words.ts"

type Reason = Extract<Cause, { readonly _tag: "NetworkFailed" }>["reason"]

const reasons: ReadonlyArray<readonly [Reason, RegExp]> = [
  [
    "name",
    /Name or service not known|Temporary failure in name resolution|nodename nor servname|\bENOTFOUND\b|\bEAI_AGAIN\b|Could ?n[o']t resolve host|unable to resolve host/i
  ],
  ["refused", /Connection refused|\bECONNREFUSED\b|Failed to connect to /i],
  ["unreachable", /Network is unreachable|No route to host|\bENETUNREACH\b|\bEHOSTUNREACH\b/i],
  ["timeout", /Connection timed out|\bETIMEDOUT\b|UND_ERR_CONNECT_TIMEOUT|Errno 110\]/i]
]

const hosts = [
  /\b(?:ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ENETUNREACH|EHOSTUNREACH|ETIMEDOUT) ([\w.:-]{1,255})/,
  /host(?: name)?:? ['"‘]?([\w-]{1,63}(?:\.[\w-]{1,63}){0,8})/i,
  /Failed to resolve '([\w.-]{1,255})'/,
  /connect to ([\w.-]{1,255}) port \d/,
  /host='([\w.-]{1,255})'/
]

const hostIn = (text: string): string | null => {
  for (const pattern of hosts) {
    const match = pattern.exec(text)
    if (match !== null) return line(match[1]!)
  }
  return null
}

/** The error itself, and for Node the inner cause that its `fetch` hides behind "fetch failed". */
const candidates = ({ lastLines, thrown }: Words): ReadonlyArray<string> => {
  if (thrown === null) return lastLines
  return thrown.language === "python" ? [thrown.root] : thrown.rest.filter((each) => !/^\s+at /.test(each))
}

export const network = (words: Words): Cause | null => {
  for (const text of candidates(words)) {
    const found = reasons.find(([, pattern]) => pattern.test(text))
    if (found === undefined) continue
    const root = line(text.trim().replace(/^\[cause\]: /, "").replace(/ \{$/, ""))
    const blocked = words.about.network === "none"
    return { _tag: "NetworkFailed", root, reason: found[0], host: hostIn(text), blocked }
  }
  return null
}
