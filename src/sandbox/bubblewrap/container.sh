# Opens a container: runs on the host, in stages that each replace the one before, and ends as bubblewrap itself.
# Its variables are CONTAINER_*, and none of them is left in the end; the arguments are files and folders of the host's that the inside's user can't get to.
set -eu
umask 022

# What the container may use up holds from here on; then mounts of its own, which go with its last process.
enter() {
  for group in $CONTAINER_CGROUPS; do echo $$ >"$group/cgroup.procs"; done
  exec "$CONTAINER_UNSHARE" $CONTAINER_PRIVACY -- /bin/sh -c "$CONTAINER_SCRIPT" container fill "$@"
}

# All that the inside can write lies in one file system of a limited size.
fill() {
  mount -n -t tmpfs -o "size=$CONTAINER_BYTES,nr_inodes=$CONTAINER_INODES,mode=755" container "$CONTAINER_WORKING_FOLDER"
  cd "$CONTAINER_WORKING_FOLDER"
  mkdir shm staged
  chmod 1777 shm
  n=0
  for source in "$@"; do
    if [ -d "$source" ]; then mkdir "staged/$n"; else : >"staged/$n"; fi
    if [ -S "$source" ]; then mode=bind; else mode=bind,ro; fi
    mount -n -o "$mode" "$source" "staged/$n"
    n=$((n + 1))
  done
  if [ -n "$CONTAINER_IMAGE" ]; then layer; else furnish; fi
  leave
}

# On the host's system: a folder for each place that may be written to.
furnish() {
  give "$CONTAINER_OWNER" . shm staged
  each_tree mkdir -p
  give "$CONTAINER_OWNER" tmp
  chmod 1777 tmp
}

# On an image: the image, with a layer over it that takes every change. No link leads out of what is touched here.
layer() {
  mkdir image upper work root
  mount -n -o bind,ro "$CONTAINER_IMAGE" image
  for folder in proc dev .stemma; do
    [ -d "image/$folder" ] || mkdir -p "upper/$folder"
  done
  if [ -n "$CONTAINER_OVERLAY" ]; then
    mount -n -t overlay -o "lowerdir=image,upperdir=upper,workdir=work,$CONTAINER_OVERLAY" layer root
  else
    cp -a image/. root/
    cp -a upper/. root/
  fi
  if [ -n "$CONTAINER_OWNED" ] || [ -z "$CONTAINER_OVERLAY" ]; then give_all "$CONTAINER_OWNER" root; fi
  give "$CONTAINER_OWNER" . shm staged
  each_tree mkdir -p
  give "$CONTAINER_OWNER" root/tmp
  chmod 1777 root/tmp
  if [ -f root/etc/passwd ] && [ -w root/etc/passwd ] && ! grep -q '^agent:' root/etc/passwd; then
    echo 'agent:x:1000:1000:agent:/home/agent:/bin/sh' >>root/etc/passwd
  fi
}

# Makes every folder that may be written to, and gives it to the ordinary user with all that is in it.
each_tree() {
  newline='
'
  IFS=$newline
  for tree in $CONTAINER_TREES; do "$@" "$tree"; done
  for tree in $CONTAINER_TREES; do give_all "$CONTAINER_AGENT" "$tree"; done
  unset IFS
}

# To the inside's users, where they are not ours: a file or folder itself, and a folder with all that is in it. Links are
# given, never what they lead to. Nothing that is mounted from the host may lie below a folder given as a whole.
give() {
  owner=$1
  shift
  [ -z "$owner" ] || chown -h "$owner" -- "$@"
}

give_all() {
  owner=$1
  shift
  [ -z "$owner" ] || chown -hR "$owner" -- "$@"
}

# As root: gets ids of its own, which we are told once they are. As an ordinary user, there were none to be had.
leave() {
  if [ -n "$CONTAINER_OWNER" ]; then
    exec "$CONTAINER_UNSHARE" --user --keep-caps -- /bin/sh -c "$CONTAINER_SCRIPT" container drop
  fi
  # Bubblewrap makes two user namespaces. No other one can be made below this.
  echo 2 >/proc/sys/user/max_user_namespaces || :
  few_watches
  exec "$CONTAINER_ENV" -i "$CONTAINER_BWRAP" --args 3 -- /bin/sh -c "$CONTAINER_PAUSE"
}

# The kernel counts these for the user who made the namespace too, and that user has few on the host.
few_watches() {
  for limit in inotify_instances:4 inotify_watches:1024 fanotify_groups:0 fanotify_marks:0; do
    echo "${limit#*:}" >"/proc/sys/user/max_${limit%:*}" || :
  done 2>/dev/null
}

# Waits until the ids are mapped, and leaves the host's root behind.
drop() {
  echo unshared
  read -r mapped
  echo 0 >/proc/sys/user/max_user_namespaces || :
  few_watches
  exec "$CONTAINER_SETPRIV" --reuid 0 --regid 0 --clear-groups -- \
    "$CONTAINER_ENV" -i "$CONTAINER_BWRAP" --args 3 -- /bin/sh -c "$CONTAINER_PAUSE"
}

"$@"
