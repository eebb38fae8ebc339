/** What differs between two runs on one machine too, and nothing else. Each is named by the case that needs it. */
const replace = (pattern: RegExp, by: string) => (text: string) => text.replace(pattern, by)

const replaceAll = (...each: ReadonlyArray<(text: string) => string>) => (text: string) =>
  each.reduce((now, one) => one(now), text)

const unittestSeconds = replace(/^(Ran \d+ tests? in )[\d.]+s$/gm, "$1#s")

const interpreters = replace(/\/usr(\/local)?\/bin\/python3(\.11)?\b/g, "python3")

export const normalisers = {
  none: (text: string) => text,
  /** `Ran 12 tests in 0.034s` */
  unittestSeconds,
  /** The same, of a test that tells where Python lies: that is the image's. */
  unittestOfPython: (text: string) => interpreters(unittestSeconds(text)),
  /** The same, of a test that tells how fine the machine's timer is. */
  unittestOfTimers: replaceAll(unittestSeconds, interpreters, replace(/resolution: [\d.]+ s/g, "resolution: # s")),
  /** `<object at 0x7f12ab>` */
  addresses: replace(/\b0x[0-9a-f]{6,16}\b/g, "0x#"),
  /** `(node:1234)` and `Thread-1 pid=1234`, as Node and Python print them. */
  pids: replace(/(\(node:|\bpid[ =:])\d+/g, "$1#"),
  /** `12.3 ms`, `0.5 sec`, `1.25s` */
  durations: replace(/\b\d+(\.\d+)?(e-?\d+)?( ?)(ms|s|sec|seconds|usec|msec|µs)\b/g, "#$3$4")
} satisfies Record<string, (text: string) => string>

export type Normaliser = keyof typeof normalisers

/** Latin-1 keeps every byte apart, so that nothing but the pattern changes. */
export const normalised = (bytes: Buffer, by: Normaliser = "none"): Buffer =>
  by === "none" ? bytes : Buffer.from(normalisers[by](bytes.toString("latin1")), "latin1")
