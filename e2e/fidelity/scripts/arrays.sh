set -euo pipefail
declare -A map=([one]=1 [two]=2)
list=(a "b c" d)
printf '<%s>' "${list[@]}"; echo
echo "${map[one]}${map[two]} ${#list[@]} ${list[-1]}"
cat <<EOF
here ${list[1]}
EOF
cat <<'EOF'
not $expanded
EOF
seq 1 5 | while read -r n; do echo -n "$n,"; done; echo
diff <(echo a) <(echo b) || echo "differs $?"
echo "$((2**10)) ${BASH_VERSION%%(*}" > made.txt
