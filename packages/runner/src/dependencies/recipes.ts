/** How each kind of declaration is installed: what a shell in the builder runs, and with which environment. Pure. */
import { posix } from "node:path"
import type { DependencyKind } from "rgrid/domain/JobSpec"
import type { Sources } from "./Need.ts"

/** Where a builder's programs find things. */
export interface Site {
  /** The layer being made. */
  readonly layer: string
  /** Directory with our own `uv` or `npm`; null where it could not be had. */
  readonly tools: string | null
  /** As the image has it. */
  readonly path: string
  readonly program: string
  readonly caBundle: string | undefined
  readonly sources: Sources
}

export interface Recipe {
  readonly script: string
  readonly env: Readonly<Record<string, string>>
}

export type Tool = "uv" | "npm"

export const toolOf = (kind: DependencyKind): Tool => kind.endsWith("-lock") && kind !== "uv-lock" ? "npm" : "uv"

/** Caches and homes of whatever installs: in the layer, so that packages are linked and not copied; gone at the end. */
export const scratch = ".build"

const venv =
  "uv venv --quiet --allow-existing --no-project --system-site-packages --python \"$PROGRAM\" \"$VIRTUAL_ENV\""

const install = "uv pip install --no-editable --requirements"

/** The script's own modules travel with it: only what others made is installed. */
const sync =
  "uv sync --no-default-groups --no-install-project --no-install-workspace --no-install-local --no-editable"

const python: Readonly<Record<"requirements" | "script" | "uv-lock" | "pyproject", ReadonlyArray<string>>> = {
  requirements: [venv, `${install} "$DECLARED"`],
  script: [
    venv,
    // Unlike `pip install`, it refuses a Python that the script does not want.
    "uv python find --script \"$DECLARED\" > /dev/null",
    "uv export --quiet --script \"$DECLARED\" --output-file \"$TMPDIR/requirements.txt\" > /dev/null",
    `${install} "$TMPDIR/requirements.txt"`
  ],
  "uv-lock": [venv, `${sync} --frozen`],
  pyproject: [venv, sync]
}

const pip = [
  "cd \"./$PROJECT\"",
  "\"$PROGRAM\" -m venv --system-site-packages \"$VIRTUAL_ENV\"",
  "\"$VIRTUAL_ENV/bin/python\" -m pip install --disable-pip-version-check --requirement \"$DECLARED\""
]

/** `pnpm@9.1.0` of the package's own `packageManager`, which names who wrote the lock; else a recent one. */
const manager = (fallback: string): string =>
  `MANAGER=$(node -p 'const m = (require("./package.json").packageManager ?? "").split("+")[0]; ${fallback}')`

const yarnOf = [
  "const berry = require(\"fs\").readFileSync(\"yarn.lock\", \"utf8\").includes(\"__metadata:\")",
  "const v = m.startsWith(\"yarn@\") ? m.slice(5) : berry ? \"4\" : \"1.22.22\"",
  "(berry ? \"@yarnpkg/cli-dist@\" : \"yarn@\") + v"
].join("; ")

const node: Readonly<Record<"npm-lock" | "pnpm-lock" | "yarn-lock", ReadonlyArray<string>>> = {
  "npm-lock": ["npm ci --loglevel=http"],
  "pnpm-lock": [
    manager("m.startsWith(\"pnpm@\") ? m : \"pnpm@10\""),
    "npm exec --yes --package=\"$MANAGER\" -- pnpm install --frozen-lockfile --config.node-linker=hoisted --store-dir \"$TMPDIR/pnpm\""
  ],
  "yarn-lock": [
    manager(yarnOf),
    "case $MANAGER in @*) set -- --immutable ;; *) set -- --frozen-lockfile --non-interactive ;; esac",
    "npm exec --yes --package=\"$MANAGER\" -- yarn install \"$@\""
  ]
}

const authorities = (file: string): Record<string, string> => ({
  SSL_CERT_FILE: file,
  PIP_CERT: file,
  REQUESTS_CA_BUNDLE: file,
  NODE_EXTRA_CA_CERTS: file
})

const pythonSources = ({ packageIndex }: Sources): Record<string, string> =>
  packageIndex === undefined ? {} : { UV_DEFAULT_INDEX: packageIndex, PIP_INDEX_URL: packageIndex }

const nodeSources = ({ npmRegistry }: Sources): Record<string, string> =>
  npmRegistry === undefined
    ? {}
    : { npm_config_registry: npmRegistry, YARN_REGISTRY: npmRegistry, YARN_NPM_REGISTRY_SERVER: npmRegistry }

const common = ({ caBundle, layer, path, sources }: Site): Record<string, string> => ({
  PATH: path,
  HOME: `${layer}/${scratch}/home`,
  TMPDIR: `${layer}/${scratch}/tmp`,
  LANG: "C.UTF-8",
  NO_COLOR: "1",
  ...(caBundle === undefined ? {} : authorities(caBundle)),
  ...pythonSources(sources),
  ...nodeSources(sources)
})

const pythonEnvironment = ({ layer, path, program, tools }: Site): Record<string, string> => ({
  PATH: tools === null ? path : `${tools}:${path}`,
  PROGRAM: program,
  VIRTUAL_ENV: layer,
  UV_PROJECT_ENVIRONMENT: layer,
  UV_CACHE_DIR: `${layer}/${scratch}/cache`,
  UV_PYTHON_DOWNLOADS: "never",
  UV_COMPILE_BYTECODE: "1",
  PIP_NO_CACHE_DIR: "1"
})

/** Ours comes last on the path: an image's own `npm` fits its `node`. */
const nodeEnvironment = ({ layer, path, tools }: Site): Record<string, string> => ({
  PATH: tools === null ? path : `${path}:${tools}`,
  CI: "true",
  npm_config_cache: `${layer}/${scratch}/cache`,
  npm_config_audit: "false",
  npm_config_fund: "false",
  npm_config_update_notifier: "false",
  YARN_CACHE_FOLDER: `${layer}/${scratch}/yarn`,
  YARN_ENABLE_GLOBAL_CACHE: "false",
  YARN_NODE_LINKER: "node-modules"
})

/** Both stop at the first command that fails. */
const shell = (lines: ReadonlyArray<string>): string => ["set -e", ...lines].join("\n")

const linesOf = (kind: DependencyKind, { tools }: Site): ReadonlyArray<string> | null => {
  switch (kind) {
    case "npm-lock":
    case "pnpm-lock":
    case "yarn-lock":
      return ["cd \"$LAYER/$PROJECT\"", ...node[kind]]
    default:
      if (tools !== null) return ["cd \"./$PROJECT\"", ...python[kind]]
      return kind === "requirements" ? pip : null
  }
}

/** `declared`: the declaration's path among the files. Null: nothing but `uv` can install it, and there is none. */
export const recipeOf = (kind: DependencyKind, site: Site, declared: string): Recipe | null => {
  const lines = linesOf(kind, site)
  if (lines === null) return null
  const own = toolOf(kind) === "uv" ? pythonEnvironment(site) : nodeEnvironment(site)
  // Through the environment: what stands in a path means nothing to the shell there.
  const where = { LAYER: site.layer, PROJECT: posix.dirname(declared), DECLARED: posix.basename(declared) }
  return { script: shell(lines), env: { ...common(site), ...own, ...where } }
}
