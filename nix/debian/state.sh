# containerd's state with the container images unpacked and pinned: $out/state.tar and $out/images.json.
mkdir -p "$TMPDIR/tree/var/lib/containerd" "$out"
chmod 711 "$TMPDIR/tree/var/lib/containerd"
archives=()
for image in $images; do [ -d "$image" ] && archives+=("$image/image.tar") || archives+=("$image"); done
"$preload/bin/preload" "$TMPDIR/tree/var/lib/containerd" "${archives[@]}" >"$out/images.json"
tar --create --file "$out/state.tar" --directory "$TMPDIR/tree" --sort=name --numeric-owner --owner=0 --group=0 --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 --xattrs --xattrs-include='*' ./var/lib/containerd
