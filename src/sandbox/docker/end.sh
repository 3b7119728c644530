# Runs inside, as root: kills a command with all its children. The argument is the command's mark, which is in the arguments
# of its first process. Everything here is built into the shell: where the sandbox is full, nothing more can be started.
#
# First all are stopped, so that none can have a child that is missed; then all are killed.
mark=$1

parent_of() { # reads a process's stat; its name, in brackets, may hold anything, line ends too
  text='' line=''
  { while read -r line; do text="$text $line"; done; text="$text $line"; } 2>/dev/null <"/proc/$1/stat" || return 1
  set -- ${text##*) }
  parent=${2:-}
}

first=
for folder in /proc/[0-9]*; do
  pid=${folder#/proc/}
  [ "$pid" = "$$" ] && continue
  line=
  read -r line <"$folder/cmdline" 2>/dev/null || :
  case $line in *"$mark"*) parent_of "$pid" && [ "$parent" = 0 ] && first=$pid ;; esac
done
[ -n "$first" ] || exit 0

family=" $first "
kill -STOP "$first" 2>/dev/null
rounds=0
while [ "$rounds" -lt 40 ]; do
  rounds=$((rounds + 1)) grown=
  for folder in /proc/[0-9]*; do
    pid=${folder#/proc/}
    case $family in *" $pid "*) continue ;; esac
    parent_of "$pid" || continue
    case $family in *" $parent "*) kill -STOP "$pid" 2>/dev/null; family="$family$pid " grown=yes ;; esac
  done
  [ -n "$grown" ] || break
done
for pid in $family; do kill -KILL "$pid" 2>/dev/null; done
exit 0
