# Links the boot files together and writes image.json; `check` may hold facts against what was really built.
[ -z "$check" ] || . "$check"
mkdir "$out"
# Hard copies, not links: a host without this store copies the directory as it is.
cp --reflink=auto "$disk/disk.qcow2" "$kernel/vmlinuz" "$initrd/initrd" "$out/"
digest() { printf '"%s":"sha256:%s"' "$1" "$(sha256sum "$out/$1" | cut -d' ' -f1)"; }
printf '{"schema":1,"facts":%s,"digests":{%s,%s,%s},"containerImages":%s,"packages":%s}\n' \
  "$(cat "$factsPath")" "$(digest disk.qcow2)" "$(digest initrd)" "$(digest vmlinuz)" "$(cat "$containerImages")" "$(cat "$packagesPath")" \
  >"$out/image.json"
