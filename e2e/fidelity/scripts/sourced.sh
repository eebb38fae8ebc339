. ./library.sh
greet "$@"
echo "$0 $# ${BASH_SOURCE[0]}"
