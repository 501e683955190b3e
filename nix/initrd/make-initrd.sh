# A small initrd: busybox, the modules that the root disk needs, and an init of a dozen lines. Uncompressed modules and an
# uncompressed archive: in an emulated guest, inflating costs more than reading.
tree=$TMPDIR/tree
mkdir -p "$tree"/{bin,dev,proc,sys,root,modules}
cp "$busybox/root/usr/bin/busybox" "$tree/bin/busybox"
cp "$init" "$tree/init"
chmod 755 "$tree/init" "$tree/bin/busybox"
: >"$tree/modules/order"
for module in $modules; do
  file=$(find "$kernel/modules" -name "$module.ko.xz" -o -name "$module.ko")
  [ -n "$file" ] || { echo "no module $module in $kernel" >&2; exit 1; }
  case $file in *.xz) xz --decompress --stdout "$file" >"$tree/modules/$module.ko" ;; *) cp "$file" "$tree/modules/" ;; esac
  echo "$module" >>"$tree/modules/order"
done
find "$tree" -exec touch --no-dereference --date=@1 {} +
mkdir "$out"
cd "$tree"
find . -mindepth 1 -printf '%P\n' | sort | "$tools/bin/run" usr/bin/cpio --quiet --create --format=newc --reproducible --owner=0:0 >"$out/initrd"
