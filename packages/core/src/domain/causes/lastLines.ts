/** The last lines of what a script wrote to stderr, as they are kept with its failure. */

/** Of UTF-8, with what the end of a cut character takes. */
export const keptBytes = 2048

/** Whole lines from the end, as many as fit; of a longer last line its end. Empty when there is nothing to see. */
export const lastLines = (stderr: string): string => {
  const bytes = new TextEncoder().encode(stderr.replaceAll("\0", "\uFFFD").trimEnd())
  if (bytes.length <= keptBytes) return new TextDecoder().decode(bytes)
  // A character that is cut at the front becomes up to three replacement characters of three bytes.
  const end = new TextDecoder().decode(bytes.subarray(-(keptBytes - 9)))
  const newline = end.indexOf("\n")
  return newline < 0 ? end : end.slice(newline + 1)
}
