/** Images without a language of their own, and every script that only its `#!` line knows. */
import type { RuntimeProvider } from "../../ports/RuntimeProvider.ts"

/** What the kernel makes of a `#!` line: a program, and all that follows as one argument. */
const kernelReads = (firstLine: string): ReadonlyArray<string> => {
  const [, program, argument] = /^#!\s*(\S+)\s*(.*?)\s*$/.exec(firstLine) ?? []
  return program === undefined ? [] : argument === undefined || argument === "" ? [program] : [program, argument]
}

export const image: RuntimeProvider = {
  language: "image",
  endings: [],
  programs: [],
  runtimes: [
    { name: "ffmpeg:latest", image: "ghcr.io/rgrid/ffmpeg:latest", brings: "ffmpeg, Python" },
    {
      name: "playwright:latest",
      image: "ghcr.io/rgrid/playwright:latest",
      brings: "Chromium, Playwright for Python and Node"
    }
  ],
  environment: {},
  interpreter: ({ firstLine }) => kernelReads(firstLine),
  check: () => null
}
