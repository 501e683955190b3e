# The kernel's modules, uncompressed (an emulated guest would pay for inflating them at every boot): $out/modules.tar.
mkdir -p "$TMPDIR/tree/usr/lib" "$out"
ln -s usr/lib "$TMPDIR/tree/lib"
cp --recursive --no-preserve=all "$kernel/modules" "$TMPDIR/tree/usr/lib/modules"
find "$TMPDIR/tree" -name '*.ko.xz' -print0 | xargs -0 -n 64 xz --decompress
for version in "$TMPDIR"/tree/usr/lib/modules/*; do
  sed -i 's/\.ko\.xz$/.ko/' "$version/modules.order"
  "$tools/bin/run" usr/sbin/depmod --basedir "$TMPDIR/tree" "$(basename "$version")"
  # kubeadm's preflight checks read the kernel's configuration.
  install -D --mode=0644 "$kernel/config" "$TMPDIR/tree/boot/config-$(basename "$version")"
done
rm "$TMPDIR/tree/lib"
tar --create --file "$out/modules.tar" --directory "$TMPDIR/tree" --sort=name --numeric-owner --owner=0 --group=0 --mode=u=rwX,go=rX \
  --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 boot usr
