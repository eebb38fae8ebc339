/** What looks like a secret, in a file that is no place for one (FR55). */

/** Formats that nothing but a secret has. */
const formats: ReadonlyArray<readonly [pattern: RegExp, what: string]> = [
  [/rgrid_live_[0-9A-Za-z]{12}/, "a key of RGrid"],
  [/\b(?:AKIA|ASIA)[0-9A-Z]{16}\b/, "a key of AWS"],
  [/\bsk-[A-Za-z0-9_-]{16,}/, "an API key"],
  [/\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}/, "a key of Stripe"],
  [/\b(?:gh[pousr]_[A-Za-z0-9]{30,}|github_pat_[A-Za-z0-9_]{30,})/, "a token of GitHub"],
  [/\bglpat-[A-Za-z0-9_-]{16,}/, "a token of GitLab"],
  [/\bhf_[A-Za-z0-9]{30,}/, "a token of Hugging Face"],
  [/\bnpm_[A-Za-z0-9]{30,}/, "a token of npm"],
  [/\bxox[abeoprs]-[A-Za-z0-9-]{10,}/, "a token of Slack"],
  [/\bAIza[A-Za-z0-9_-]{35}/, "a key of Google"],
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, "a private key"],
  [/\beyJ[A-Za-z0-9_-]{10,}\.eyJ[A-Za-z0-9_-]{10,}\./, "a signed token"],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:@/]+:[^\s@/]+@/i, "an address with a password"]
]

/** What kind of secret the text holds; null when it looks like none. */
export const secretIn = (text: string): string | null => formats.find(([pattern]) => pattern.test(text))?.[1] ?? null

const words = ["PASSWORD", "PASSWD", "PASSPHRASE", "SECRETS?", "TOKEN", "CREDENTIALS?", "APIKEY"]
const keys = "(?:API|ACCESS|PRIVATE|SECRET|SIGNING|ENCRYPTION)_KEY(?:_BASE)?"
const named = new RegExp(`(?:^|_)(?:${[...words, keys].join("|")})$`)

/** Whether what goes by this name is a secret: `DB_PASSWORD`, `githubToken`, `api-key`; but not `MAX_TOKENS`. */
export const isSecretName = (name: string): boolean =>
  named.test(name.replace(/([a-z0-9])([A-Z])/g, "$1_$2").replace(/[-. ]/g, "_").toUpperCase())
