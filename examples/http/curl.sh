#!/bin/sh
# Runs a Python script on a grid with nothing but curl and jq, shows its output and fetches what it made:
#   RGRID_URL=… RGRID_API_KEY=… ./curl.sh report.py numbers.txt
# Its arguments are files that it reads, each of at most 64 MiB: larger ones are sent in parts.
set -eu
: "${RGRID_URL:?Set it to the address of the grid}" "${RGRID_API_KEY:?Set it to a key of the grid}"

executions="$RGRID_URL/api/v1/executions"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A refusal is a problem document: what happened, and what to do.
ask() {
  curl --silent --show-error --fail-with-body --oauth2-bearer "$RGRID_API_KEY" --output "$work/answer" "$@" || {
    jq -r '"\(.code): \(.detail) \(.remediation // "")"' "$work/answer" >&2
    exit 1
  }
  cat "$work/answer"
}

# The job: the script, its arguments, and by size and SHA-256 the files that it needs.
script=$1
shift
for file in "$script" "$@"; do
  sum=$(sha256sum < "$file")
  sha256=${sum%% *}
  ln -sf "$(realpath "$file")" "$work/$sha256"
  jq -n --arg path "$file" --arg sha256 "$sha256" --argjson size "$(wc -c < "$file")" \
    '{ $path, content: { $size, $sha256, parts: (if $size == 0 then [] else [$sha256] end) } }'
done > "$work/files.json"
jq -s --arg script "$script" \
  '{ runtime: "python", interpreter: ["python3"], $script, args: $ARGS.positional, files: . }' \
  "$work/files.json" --args "$@" > "$work/job.json"

# The same key and job give the same execution: a request whose answer was lost is simply sent again.
ask --json "@$work/job.json" --header "idempotency-key: $(date +%s)-$$" "$executions" > "$work/accepted.json"
id=$(jq -r .execution.id "$work/accepted.json")

# Only what the grid lacks is sent, to links that need no key.
if [ "$(jq '.missing | length' "$work/accepted.json")" -gt 0 ]; then
  jq -c '.missing[]' "$work/accepted.json" | while read -r part; do
    url=$(printf %s "$part" | jq -r .put.url)
    case $url in /*) url=$RGRID_URL$url ;; esac
    printf %s "$part" | jq -r '.put.headers | to_entries[] | "\(.key): \(.value)"' > "$work/headers"
    curl --silent --show-error --fail-with-body --header "@$work/headers" \
      --upload-file "$work/$(printf %s "$part" | jq -r .sha256)" "$url"
  done
  ask --request POST "$executions/$id/uploaded" > /dev/null
fi

# Its output as it comes, until it has ended.
curl --silent --show-error --fail-with-body --no-buffer --oauth2-bearer "$RGRID_API_KEY" "$executions/$id/logs/text?follow=true"

# Files appear where the script would have made them, below this directory and through no link. A `/` in a path is
# written %2F.
ask "$executions/$id/outputs" > "$work/outputs.json"
jq -r '.manifest.outputs[] | select(.type == "file") | .path | @uri' "$work/outputs.json" |
  while read -r encoded; do
    path=$(jq -r --arg encoded "$encoded" '.manifest.outputs[].path | select(@uri == $encoded)' "$work/outputs.json")
    if [ "$(realpath -m -- "$path")" != "$(pwd -P)/$path" ]; then
      echo "left on the grid: $path" >&2
      continue
    fi
    mkdir -p "./$(dirname -- "$path")"
    ask "$executions/$id/outputs/$encoded" > "./$path"
    echo "made $path" >&2
  done

ask "$executions/$id?wait=30" > "$work/execution.json"
exit "$(jq '.exitCode // 1' "$work/execution.json")"
