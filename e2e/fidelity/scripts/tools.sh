printf 'b\na\nc\n' | sort | tr a-z A-Z | sed 's/A/x/' | awk '{print NR": "$0}'
find . -name '*.sh' | sort
date -u -d @0 +%FT%TZ
stat -c '%n %s %a' "$0"
