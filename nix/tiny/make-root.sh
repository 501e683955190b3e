# A root of busybox and a few programs with the libraries they name, and nothing else: $out/root.tar.
tree=$TMPDIR/tree
libraries=usr/lib/x86_64-linux-gnu
mkdir -p "$tree"/{usr/bin,usr/sbin,usr/lib64,$libraries,dev,proc,sys,run,tmp,mnt,root,etc,var/log,var/lib} "$out"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$tree/$name"; done
ln -s ../run "$tree/var/run"
install -m 755 "$unpacked/root/usr/bin/busybox" "$tree/usr/bin/busybox"
for applet in $("$tree/usr/bin/busybox" --list); do
  case $applet in
    # Real ones are below, or nobody may take them for real ones.
    busybox | dpkg | dpkg-deb | rpm | rpm2cpio | mke2fs) ;;
    *) ln -s busybox "$tree/usr/bin/$applet" ;;
  esac
done
# Where the kernel, the guest agent and people expect them.
for applet in init syslogd acpid reboot poweroff; do ln -s ../bin/busybox "$tree/usr/sbin/$applet"; done

loader=$unpacked/root/usr/lib64/ld-linux-x86-64.so.2
install -m 755 "$loader" "$tree/usr/lib64/ld-linux-x86-64.so.2"
add_libraries() {
  "$loader" --library-path "$unpacked/root/$libraries" --list "$1" >"$TMPDIR/list"
  ! grep 'not found' "$TMPDIR/list" || { echo "$1 needs a library that no package of nix/tiny/default.nix has" >&2; exit 1; }
  sed -n 's/^\t\([^ ]*\) => \([^ ]*\) .*/\1 \2/p' "$TMPDIR/list" | while read -r name file; do
    case $name in */ld-linux*) continue ;; esac
    [ -e "$tree/$libraries/$name" ] || install -m 644 "$file" "$tree/$libraries/$name"
  done
}
for program in $linkedPrograms; do
  rm -f "$tree/$program"
  install -D -m 755 "$unpacked/root/$program" "$tree/$program"
  add_libraries "$unpacked/root/$program"
done
# Loaded when a thread ends.
install -m 644 "$unpacked/root/$libraries/libgcc_s.so.1" "$tree/$libraries/"

while IFS=$'\t' read -r mode source path; do
  [ -z "$mode" ] || { rm -f "$tree$path"; install -D --mode="$mode" "$source" "$tree$path"; }
done <"$filesPath"
while IFS=$'\t' read -r target path; do
  [ -z "$target" ] || { mkdir -p "$(dirname "$tree$path")"; ln -sfn "$target" "$tree$path"; }
done <"$linksPath"
while read -r path; do
  [ -z "$path" ] || mkdir -p "$tree$path"
done <"$directoriesPath"
find "$tree" -type d -exec chmod 755 {} +
chmod 700 "$tree/root"
tar --create --file "$out/root.tar" --directory "$tree" --sort=name --numeric-owner --owner=0 --group=0 --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 .
