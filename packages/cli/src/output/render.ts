export interface Words {
  readonly what: string
  /** Empty when there is nothing to add; so is `fix`. */
  readonly why: string
  readonly fix: string
}

/** The lines a person sees: the head, then what is known, each under its label. */
export const render = (head: string, { fix, what, why }: Words, logs = ""): string => {
  const rows = [["Error:", head === what ? "" : what], ["Cause:", why], ["Fix:", fix], ["Logs:", logs]] as const
  const lines = rows.flatMap(([label, text]) => text === "" ? [] : [`  ${label.padEnd(7)}${text}`])
  return [`✗ ${head}`, ...lines].join("\n")
}
