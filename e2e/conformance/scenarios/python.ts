/** A scenario of one script in Python, `a.py`. */
import type { Expected, Scenario } from "../Door.ts"

export const python = (
  name: string,
  code: string,
  expect: Expected,
  { files, ...more }: Partial<Omit<Scenario, "name" | "script" | "expect">> = {}
): Scenario => ({ name, files: { "a.py": code, ...files }, script: "a.py", ...more, expect })

/** Each byte there is, again and again. */
export const bytes = (length: number): Uint8Array => Uint8Array.from({ length }, (_, index) => index % 256)
