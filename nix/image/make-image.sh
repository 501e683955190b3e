# Puts the boot files together and writes image.json. `checks` have passed when this runs.
mkdir "$out"
# Hard links where they are possible: the disk is large, and a copy would be kept twice.
for file in "$disk/disk.qcow2" "$kernel/vmlinuz" "$initrd/initrd"; do
  ln "$file" "$out/" 2>/dev/null || cp --reflink=auto "$file" "$out/"
done
digest() { printf '"%s":"sha256:%s"' "$1" "$(sha256sum "$out/$1" | cut -d' ' -f1)"; }
printf '{"schema":1,"facts":%s,"digests":{%s,%s,%s},"containerImages":%s,"packages":%s}\n' \
  "$(cat "$factsPath")" "$(digest disk.qcow2)" "$(digest initrd)" "$(digest vmlinuz)" "$(cat "$containerImages")" "$(cat "$packagesPath")" \
  >"$out/image.json"
