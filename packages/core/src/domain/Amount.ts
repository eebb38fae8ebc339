/** Amounts as people write them, on a command line or in a file. Null for what is none. */

const sizes: Readonly<Record<string, number>> = { "": 1, k: 1024, m: 1024 ** 2, g: 1024 ** 3, t: 1024 ** 4 }

/** `512m`, `2g`, `1.5GiB` as bytes: powers of 1024, as Docker has them. At least 16 MiB. */
export const memoryBytes = (text: string): number | null => {
  const match = /^(\d+(?:\.\d+)?)\s*([kmgt]?)(?:i?b)?$/i.exec(text.trim())
  const bytes = match === null ? 0 : Math.round(Number(match[1]) * sizes[match[2]!.toLowerCase()]!)
  return bytes >= 16 * 1024 ** 2 ? bytes : null
}

const units: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 }

/** `90`, `90s`, `5m`, `2h`, `1h30m` as seconds, at least one. */
export const seconds = (text: string): number | null => {
  const parts = /^(?:\d+(?:\.\d+)?[smhd]?)+$/.test(text) ? [...text.matchAll(/(\d+(?:\.\d+)?)([smhd]?)/g)] : []
  const total = Math.ceil(parts.reduce((sum, part) => sum + Number(part[1]) * units[part[2]!]!, 0))
  return total >= 1 ? total : null
}

/** Cores. */
export const isCpu = (cores: number): boolean => cores >= 0.01 && cores <= 1024

export const isRetries = (number: number): boolean => Number.isInteger(number) && number >= 0 && number <= 20
