# One command of a shell that seems to go on: what the command before it left (working directory, exported variables) is
# taken up, and put down again however this one ends. "$1" is the command. A command that is killed leaves things as they
# were before it.
__kept="/tmp/.agent-shell-$(id -u)"
if [ -f "$__kept/env" ]; then . "$__kept/env" 2>/dev/null; fi
if [ -f "$__kept/cwd" ]; then cd "$(cat "$__kept/cwd")" 2>/dev/null || echo "[the working directory is gone]" >&2; fi
trap '__code=$?; mkdir -p "$__kept"; export -p >"$__kept/env.new"; pwd >"$__kept/cwd.new"; mv "$__kept/env.new" "$__kept/env"; mv "$__kept/cwd.new" "$__kept/cwd"; exit $__code' EXIT
eval "$1"
