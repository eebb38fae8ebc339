set -eo pipefail
echo begin
false | cat
echo never
