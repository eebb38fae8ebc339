#!/bin/sh
# Keeps the grid of this machine alive: keeper.sh DIRECTORY PROGRAM [ARGUMENT...]
#
# Runs `PROGRAM server` and `PROGRAM runner`, starts each again when it dies (at once, then after 1, 2, 4, 8, 10 s; at
# once again when it had lived for a minute), and ends both on TERM, INT, a file DIRECTORY/stop, or when DIRECTORY goes
# away or gets another keeper. It is no Node program because it must weigh nothing and outlive a full disk or a broken upgrade.
dir=$1
shift
cd / || exit 1
stop=
# A signal ends the `wait` below at once.
trap 'stop=1' TERM INT
trap '' HUP
tick=0
server_pid='' server_due=0 server_since=0 server_delay=0
runner_pid='' runner_due=0 runner_since=0 runner_delay=0

say() { echo "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"; }

# rotate FILE: one old log is kept, so that a crash loop can't fill the disk.
rotate() {
  if [ -f "$1" ] && [ "$(wc -c <"$1")" -gt 10000000 ]; then mv -f "$1" "$1.1"; fi
}

# tend NAME COMMAND...: starts NAME's command unless it runs or its turn has not come.
tend() {
  name=$1
  shift
  eval "pid=\$${name}_pid due=\$${name}_due since=\$${name}_since delay=\$${name}_delay"
  if [ -n "$pid" ]; then
    kill -0 "$pid" 2>/dev/null && return
    wait "$pid"
    say "$name ended with status $?"
    [ $((tick - since)) -lt 60 ] || delay=0
    due=$((tick + delay)) pid=
    case $delay in 0) delay=1 ;; 8 | 10) delay=10 ;; *) delay=$((delay * 2)) ;; esac
  fi
  if [ "$tick" -ge "$due" ]; then
    rotate "$dir/logs/$name.log"
    "$@" </dev/null >>"$dir/logs/$name.log" 2>&1 &
    pid=$! since=$tick
    echo "$pid" >"$dir/$name.pid"
  fi
  eval "${name}_pid=\$pid ${name}_due=\$due ${name}_since=\$since ${name}_delay=\$delay"
}

# halt PID: TERM, and KILL after ten seconds.
halt() {
  [ -n "$1" ] || return
  kill -TERM "$1" 2>/dev/null
  left=50
  while kill -0 "$1" 2>/dev/null; do
    [ "$left" -gt 0 ] || kill -KILL "$1" 2>/dev/null
    left=$((left - 1))
    sleep 0.2
  done
}

ours() {
  owner=
  [ -f "$dir/keeper.pid" ] && read -r owner <"$dir/keeper.pid"
  [ "$owner" = $$ ] && [ ! -e "$dir/stop" ]
}

echo $$ >"$dir/keeper.pid.new" && mv -f "$dir/keeper.pid.new" "$dir/keeper.pid" || exit 1
while [ -z "$stop" ] && ours; do
  tend server "$@" server --data "$dir/data"
  tend runner "$@" runner --state "$dir/runner" --objects "$dir/data/objects"
  tick=$((tick + 1))
  sleep 1 &
  wait $!
done
# The runner first, so that it can still tell the server what becomes of its attempts.
halt "$runner_pid"
halt "$server_pid"
[ "$owner" != $$ ] || rm -f "$dir/server.pid" "$dir/runner.pid" "$dir/keeper.pid"
say "stopped"
