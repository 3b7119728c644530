#!/usr/bin/env bash
# Makes the Docker image that sandboxes use, stemma-base: a minimal Debian with Python and what small tools need, from the
# Debian mirror that this machine uses. Starts a Docker daemon where none answers. Needs root, docker.io and debootstrap:
#   apt-get install docker.io debootstrap
#
#   bash scripts/docker-base.sh           makes the image, if it is not there
#   bash scripts/docker-base.sh --again   makes it anew
#
# Settings: STEMMA_BASE_MIRROR (default: the first of this machine's apt sources), STEMMA_BASE_SUITE (default: this machine's),
# STEMMA_DOCKER_DATA (where a daemon started here keeps its data; default: a folder under /var/lib).
set -euo pipefail

image=stemma-base
packages=python3,jq,bc,procps,file
data=${STEMMA_DOCKER_DATA:-/var/lib/stemma-docker}

complain() {
  printf '%s\n' "$*" >&2
  exit 1
}

# The first archive in apt's own sources, in either of their two formats.
mirror() {
  local lists=(/etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources)
  cat "${lists[@]}" 2>/dev/null |
    sed -n -e 's/^deb  *\(\[[^]]*\]  *\)\?\([a-z]*:[^ ]*\).*/\2/p' -e 's/^URIs: *\([^ ]*\).*/\1/p' | head -n 1
}

start_daemon() {
  command -v dockerd >/dev/null || complain 'dockerd is not on this machine: apt-get install docker.io'
  mkdir -p "$data"
  # With overlay2 a container is a layer; vfs works on every file system, and copies the whole image for each.
  local driver
  for driver in overlay2 vfs; do
    try_daemon "$driver" && return
  done
  tail -n 20 "$data/dockerd.log" >&2
  complain 'the Docker daemon does not start'
}

# No container of ours has a network, so that the daemon needs no bridge and no firewall.
try_daemon() {
  local pid
  mkdir -p "$data/$1"
  nohup dockerd --iptables=false --bridge=none --storage-driver="$1" --data-root="$data/$1" >"$data/dockerd.log" 2>&1 &
  pid=$!
  for _ in $(seq 60); do
    docker info >/dev/null 2>&1 && return 0
    kill -0 "$pid" 2>/dev/null || return 1
    sleep 1
  done
  kill "$pid" 2>/dev/null || true
  return 1
}

make_image() {
  command -v debootstrap >/dev/null || complain 'debootstrap is not on this machine: apt-get install debootstrap'
  local work suite
  work=$(mktemp -d)
  # shellcheck disable=SC2064
  trap "rm -rf '$work'" EXIT
  suite=${STEMMA_BASE_SUITE:-$(. /etc/os-release && echo "${VERSION_CODENAME:-stable}")}
  echo "Making $image ($suite: $packages) …"
  debootstrap --variant=minbase --include="$packages" "$suite" "$work/root" "${STEMMA_BASE_MIRROR:-$(mirror)}" >"$work/log" 2>&1 ||
    { tail -n 20 "$work/log" >&2; complain 'debootstrap failed'; }
  # With the storage driver vfs every container is a copy of the image, so that what nobody reads in it stays out.
  tar -C "$work/root" -c \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/info/*' \
    --exclude='./usr/share/locale/*' --exclude='./usr/share/zoneinfo/*' --exclude='./usr/share/i18n/*' \
    --exclude='./var/cache/*' --exclude='./var/lib/apt/lists/*' --exclude='./usr/lib/*/gconv/*' --exclude='./dev/*' \
    --exclude=./etc/resolv.conf --exclude=./etc/hostname . |
    docker import - "$image" >/dev/null
}

command -v docker >/dev/null || complain 'docker is not on this machine: apt-get install docker.io'
[ "$(id -u)" = 0 ] || complain 'debootstrap and the daemon need root'
docker info >/dev/null 2>&1 || start_daemon
if [ "${1:-}" = --again ] || ! docker image inspect "$image" >/dev/null 2>&1; then make_image; fi
docker image inspect --format "$image: {{.Size}} bytes" "$image"
