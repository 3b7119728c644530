# Runs inside, as the user of a command: marks where the command begins and ends on its standard error, since Docker's client
# tells neither apart from its own troubles. Arguments: the mark, the init (or nothing), the folder to start in, then what `env -i`
# is given: NAME=value …, program, arguments.
mark=$1 init=$2 folder=$3
shift 3
printf '%s begin\n' "$mark" >&2
if cd -- "$folder"; then
  # As a subreaper, the init keeps below it what the command leaves behind, so that a timeout finds all its children.
  if [ -n "$init" ]; then "$init" -s -- env -i "$@"; else env -i "$@"; fi
  code=$?
else
  code=126
fi
printf '\n%s end %d\n' "$mark" "$code" >&2
