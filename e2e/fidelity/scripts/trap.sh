trap 'echo cleaned; rm -f lock' EXIT
trap 'echo got usr1' USR1
touch lock
kill -USR1 $$
false
exit 6
