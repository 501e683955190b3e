#!/bin/bash
# The inside of the embedded host: a network namespace without a link, a private mount namespace with the host's own
# directories in libvirt's places, cgroups of its own, and in it virtlogd and libvirtd as daemons.
# drivers/embedded-host.ts writes the configuration, decides when, and finds what this has started by the namespace.
# usage: start.sh DIRECTORY NAMESPACE with-kvm|without-kvm        as root, with an empty environment
set -euo pipefail

# The options that say which hierarchy a cgroup file system is.
hierarchy() {
  tr ',' '\n' <<<"$1" | grep --invert-match --extended-regexp '^(rw|ro|xattr|seclabel|noprefix|clone_children|release_agent=.*)$' | paste --serial --delimiters=,
}

# Path of this process in a hierarchy, empty at its top.
own_cgroup() {
  local path
  path=$(sed --quiet "s|^[0-9]*:$1:||p" /proc/self/cgroup)
  echo "${path%/}"
}

# Two embedded hosts and the machine's own libvirt all call the cgroup of a guest /machine/qemu-1-NAME, and libvirt kills
# everything in a guest's cgroup: so each gets a root of its own, below the cgroup that started it, whose limits stay.
# DIRECTORY/cgroups has a line for each: place outside, mount point, type, options. While guests live it stays as it is.
choose_cgroups() {
  local target type options place
  findmnt --noheadings --raw --types cgroup,cgroup2 --output TARGET,FSTYPE,FS-OPTIONS | while read -r target type options; do
    place=$target$(own_cgroup "$(hierarchy "$options")")/$namespace
    if mkdir -p "$place" 2>/dev/null; then echo "$place $target $type $options"; fi
  done >"$directory/cgroups"
}

join_cgroups() {
  local place target type options
  while read -r place target type options; do
    mkdir -p "$place"
    if [ "$type" = cgroup ] && [ -e "$place/cpuset.cpus" ]; then # empty in a new one, and nothing may then join
      cat "$place/../cpuset.cpus" >"$place/cpuset.cpus"
      cat "$place/../cpuset.mems" >"$place/cpuset.mems"
    fi
    echo $$ >"$place/cgroup.procs"
  done <"$directory/cgroups"
}

# A sysfs shows the network namespace of whoever mounts it: with the outer one libvirtd sees the machine's interfaces.
mount_own_sys() {
  local place target type options
  mount -t sysfs sysfs /sys
  [ -d /sys/fs/cgroup ] || return 0
  if grep --quiet ' /sys/fs/cgroup/' "$directory/cgroups"; then mount -t tmpfs -o mode=755 cgroups /sys/fs/cgroup; fi
  while read -r place target type options; do
    mkdir -p "$target"
    if [ "$type" = cgroup2 ]; then
      mount -t cgroup2 cgroup2 "$target"
      # A cgroup that hands controllers down may hold no processes itself.
      mkdir -p "$target/daemons"
      echo $$ >"$target/daemons/cgroup.procs"
    else
      mount -t cgroup -o "$(hierarchy "$options")" cgroup "$target"
    fi
  done <"$directory/cgroups"
}

# /dev/kvm that does not work must not be there at all: libvirt would probe it again at every call, minutes each. A file
# bound over it is no help, root reads that.
mount_dev_without_kvm() {
  local node name
  mount -t tmpfs -o mode=755 dev "$directory/dev"
  for node in /dev/*; do
    name=${node##*/}
    case $name in kvm | tty?* | loop* | vcs* | ram*) continue ;; esac
    if [ -L "$node" ]; then
      cp --no-dereference "$node" "$directory/dev/"
    elif [ -d "$node" ]; then
      mkdir "$directory/dev/$name"
      mount --rbind "$node" "$directory/dev/$name"
    else
      touch "$directory/dev/$name"
      mount --bind "$node" "$directory/dev/$name"
    fi
  done
  # The kernel looks for a ptmx's terminals in the folder beside it, which a node bound by itself does not have.
  if [ -e "$directory/dev/pts/ptmx" ]; then
    umount "$directory/dev/ptmx" 2>/dev/null || true
    ln -sf pts/ptmx "$directory/dev/ptmx"
  fi
  mount --rbind "$directory/dev" /dev
}

# A /run of its own also hides the machine's message bus: libvirt must not register guests with its systemd.
mount_own_directories() {
  mount -t tmpfs -o mode=755 run /run
  mkdir /run/libvirt
  mount --bind "$directory/run" /run/libvirt
  mount --bind "$directory/lib" /var/lib/libvirt
  mount --bind "$directory/etc" /etc/libvirt
  mount --bind "$directory/log" /var/log/libvirt
  mount --bind "$directory/cache" /var/cache/libvirt
  if [ -f /etc/resolv.conf ] && [ ! -L /etc/resolv.conf ]; then mount --bind "$directory/etc/resolv.conf" /etc/resolv.conf; fi
  mkdir -p /var/lib/libvirt/{qemu,images,dnsmasq} /run/libvirt/qemu /var/log/libvirt/qemu
}

directory=$1 namespace=$2 kvm=$3
if [ "${4:-}" != inside ]; then
  mkdir -p "$directory"/{run,lib,log,cache,dev}
  [ -e "/run/netns/$namespace" ] || ip netns add "$namespace"
  ip -n "$namespace" link set lo up
  [ -e "$directory/cgroups" ] || choose_cgroups
  join_cgroups
  exec nsenter --net="/run/netns/$namespace" unshare --mount --cgroup --propagation private bash "$0" "$directory" "$namespace" "$kvm" inside
fi
cd /
mount_own_sys
[ "$kvm" = with-kvm ] || mount_dev_without_kvm
mount_own_directories
# After a crash of libvirtd alone, virtlogd still holds the consoles of running guests.
if ! { [ -e /run/libvirt/virtlogd.pid ] && kill -0 "$(cat /run/libvirt/virtlogd.pid)" 2>/dev/null; }; then
  virtlogd --daemon --pid-file /run/libvirt/virtlogd.pid
fi
exec libvirtd --daemon --pid-file /run/libvirt/libvirtd.pid
