# Sourced by the scripts beside it. Puts a Node that runs RGrid, pnpm and the workspace's programs first on PATH. Nothing
# is installed outside the clone: what is missing comes from npm into .tools/, once.

node_version=24.21.0

root=$(cd "$(dirname "$0")/.." && pwd -P)
tools=$root/.tools
pnpm_version=$(sed -n 's/.*"packageManager": *"pnpm@\([^"]*\)".*/\1/p' "$root/package.json")

fail() {
  echo "rgrid: $*" >&2
  exit 1
}

# The oldest Node that runs RGrid is 22.19 (engines in package.json).
node_suffices() {
  node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 22 || (a === 22 && b >= 19) ? 0 : 1)' 2>/dev/null
}

platform=$(node -p 'process.platform + "-" + process.arch' 2>/dev/null) || fail "needs Node (18 or newer) and npm on PATH to begin with; https://nodejs.org has both."

missing=
if ! node_suffices; then
  node_directory=$tools/node_modules/node-$platform/bin
  [ "$("$node_directory/node" -v 2>/dev/null)" = "v$node_version" ] || missing="node-$platform@$node_version"
fi
grep -q "\"version\": *\"$pnpm_version\"" "$tools/node_modules/pnpm/package.json" 2>/dev/null ||
  missing="$missing pnpm@$pnpm_version"

if [ -n "$missing" ]; then
  echo "Getting ${missing# } from npm…" >&2
  mkdir -p "$tools"
  # Without a manifest of its own npm would take the workspace's.
  [ -f "$tools/package.json" ] || echo '{ "private": true }' > "$tools/package.json"
  # shellcheck disable=SC2086 # two words when both are missing
  npm install --prefix "$tools" --ignore-scripts --save-exact --no-audit --no-fund --loglevel=error $missing >&2 ||
    fail "npm could not install $missing; what it said stands above. Once it can, run this again."
fi

PATH=$root/node_modules/.bin:$tools/node_modules/.bin:$PATH
[ -z "${node_directory-}" ] || PATH=$node_directory:$PATH
export PATH
# This pnpm is the one that package.json names; it need not look for itself in the registry.
export pnpm_config_pm_on_fail=ignore
node_suffices || fail "Node $node_version from npm does not start here ($platform). Put Node 22.19 or newer on PATH instead."
