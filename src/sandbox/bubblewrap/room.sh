# Opens a room: runs on the host, in three stages that each replace the one before, and ends as bubblewrap itself.
# Its variables are ROOM_*; the arguments are the host's files and folders to be seen inside, one a bind.
set -eu

# What the room may use up holds from here on; then mounts of its own, which go with its last process.
enter() {
  for group in $ROOM_CGROUPS; do echo $$ >"$group/cgroup.procs"; done
  exec "$ROOM_UNSHARE" $ROOM_PRIVACY -- /bin/sh -c "$ROOM_SCRIPT" room fill "$@"
}

# All that the inside can write lies in one file system of a limited size. It is moved to /tmp in the end, because the
# user of the inside could not reach into our folder.
fill() {
  mount -n -t tmpfs -o "size=$ROOM_BYTES,nr_inodes=$ROOM_INODES,mode=755" room "$ROOM_FOLDER"
  cd "$ROOM_FOLDER"
  mkdir binds tmp home shm trees
  n=0
  for source in "$@"; do
    if [ -d "$source" ]; then mkdir "binds/$n"; else : >"binds/$n"; fi
    mount -n --bind "$source" "binds/$n"
    n=$((n + 1))
  done
  for tree in $ROOM_TREES; do mkdir "trees/$tree"; done
  chmod 1777 tmp shm
  if [ -n "$ROOM_OWNER" ]; then
    chown "$ROOM_OWNER" . binds tmp shm
    chown "$ROOM_AGENT" home trees trees/* tmp/workdir 2>/dev/null || :
  fi
  mount -n --move "$ROOM_FOLDER" /tmp
  if [ -n "$ROOM_OWNER" ]; then
    exec "$ROOM_UNSHARE" --user --keep-caps -- /bin/sh -c "$ROOM_SCRIPT" room drop
  fi
  drop_namespaces 1
  exec "$ROOM_BWRAP" --args 3 -- /bin/sh -c "$ROOM_KEEPER"
}

# Waits until our ids are mapped, and leaves the host's root behind.
drop() {
  echo unshared
  read -r mapped
  drop_namespaces 0
  exec "$ROOM_SETPRIV" --reuid 0 --regid 0 --clear-groups -- "$ROOM_BWRAP" --args 3 -- /bin/sh -c "$ROOM_KEEPER"
}

# No user namespace is made below this one but those that bubblewrap needs.
drop_namespaces() {
  echo "$1" >/proc/sys/user/max_user_namespaces || :
}

"$@"
