# Runs inside, as the user of a command: marks where the command begins and ends on each of its streams, since Docker's client
# tells neither apart from its own troubles, and brings each stream in its own time. Arguments: the mark, the init (or nothing),
# the folder to start in, the most processes (or nothing), then what `env -i` is given: NAME=value …, program, arguments.
mark=$1 init=$2 folder=$3 processes=$4
shift 4
printf '%s begin\n' "$mark"
printf '%s begin\n' "$mark" >&2
how=exit
# dash and ash call it -p, bash -u.
start='[ -z "$1" ] || ulimit -p "$1" 2>/dev/null || ulimit -u "$1" || exit 126; shift; exec "$@" >&3 3>&-'
exec 3>&1
if ! cd -- "$folder"; then
  code=126
elif [ -n "$init" ]; then
  # As a subreaper, the init keeps below it what the command leaves behind, so that a timeout finds all its children. It also
  # says what a shell can't tell: whether 137 is an exit code or a signal. The command itself writes to where we were told to.
  said=$("$init" -v -s -- /bin/sh -c "$start" start "$processes" env -i "$@")
  code=$?
  case $said in *'exited with signal'*) how=signal ;; esac
else
  /bin/sh -c "$start" start "$processes" env -i "$@"
  code=$?
  [ "$code" -le 128 ] || how=signal
fi
printf '\n%s end %s %d\n' "$mark" "$how" "$code"
printf '\n%s end %s %d\n' "$mark" "$how" "$code" >&2
