/**
 * The programs that install, from the same indexes as what they install: fetched once a runner, pinned by their content,
 * so that an index can't give another program instead.
 */
import type { Sources } from "./Need.ts"
import type { Tool } from "./recipes.ts"

/** A file of an index, of which some is unpacked. */
export interface Archive {
  /** Directory name here, another for each version. */
  readonly name: string
  /** Page of the index that links the file, or the file itself. */
  readonly page: string
  /** Null: the page is the file. */
  readonly file: string | null
  readonly sha256: string
}

const uvVersion = "0.13.9"
const npmVersion = "11.21.2"

/** Statically linked: it runs in every Linux image. */
const wheels: Readonly<Record<string, { readonly file: string; readonly sha256: string }>> = {
  x64: {
    file: `uv-${uvVersion}-py3-none-musllinux_1_1_x86_64.whl`,
    sha256: "2c45530751517d6c3bbc69a19473f6effe47cce047bede01ffd8af7ea7b36b25"
  },
  arm64: {
    file: `uv-${uvVersion}-py3-none-manylinux_2_17_aarch64.manylinux2014_aarch64.musllinux_1_1_aarch64.whl`,
    sha256: "5435c5ce14a56431208ca0996416d310f1598e8c2c8ba707688985a16bb82dbe"
  }
}

const npmSha256 = "8ad8563b81e71b90ef405b140bccf3ba9b5e7884ab210bd49ee4e2f4bc6f61f5"

export const publicIndex = "https://pypi.org/simple"
export const publicRegistry = "https://registry.npmjs.org"

const within = (base: string, path: string): string => `${base.replace(/\/+$/, "")}/${path}`

/** Null where there is none for this processor. */
export const archiveOf = (tool: Tool, arch: string, { npmRegistry, packageIndex }: Sources): Archive | null => {
  if (tool === "npm") {
    const page = within(npmRegistry ?? publicRegistry, `npm/-/npm-${npmVersion}.tgz`)
    return { name: `npm-${npmVersion}`, page, file: null, sha256: npmSha256 }
  }
  const wheel = wheels[arch]
  return wheel === undefined
    ? null
    : { name: `uv-${uvVersion}-${arch}`, page: within(packageIndex ?? publicIndex, "uv/"), ...wheel }
}

/** A page of an index may hold anything. */
const unescaped = (path: string): string => path.replace(/%(?:2D|2E|5F)/gi, (escape) => decodeURIComponent(escape))

/** Where an index's page says the file is: its links are relative as often as not. Null: it has no such file. */
export const linkOf = (html: string, file: string, page: string): string | null => {
  for (const [, href = ""] of html.matchAll(/href\s*=\s*["']([^"']+)["']/gi)) {
    const url = URL.parse(href.replaceAll("&amp;", "&"), page)
    if (url !== null && unescaped(url.pathname).endsWith(`/${file}`)) return url.href
  }
  return null
}
