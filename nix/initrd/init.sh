#!/bin/busybox sh
# Mounts the root disk named by root= and hands over to its init. Credentials, journal replay and growing are the root's
# own business.
bb=/bin/busybox
$bb mount -t devtmpfs dev /dev
$bb mount -t proc proc /proc
while read -r module; do $bb insmod "/modules/$module.ko"; done </modules/order
root=/dev/vda
for word in $($bb cat /proc/cmdline); do
  case $word in root=*) root=${word#root=} ;; esac
done
tries=0
until [ -b "$root" ]; do
  tries=$((tries + 1))
  [ "$tries" -lt 600 ] || { echo "initrd: no root disk $root after 60 s"; exec $bb poweroff -f; }
  $bb usleep 100000
done
$bb mount -t ext4 -o rw "$root" /root || { echo "initrd: $root cannot be mounted"; exec $bb poweroff -f; }
$bb umount /proc
$bb mount --move /dev /root/dev
exec $bb switch_root /root /sbin/init
