# The store paths listed in $storePaths, and the directories of an empty root, as one archive that depends on nothing else.
# Hard links, which an optimised store has and another has not, become files of their own.
root=$TMPDIR/root
mkdir -p "$root"/{dev,etc,home,nix/store,proc,root,run,sys,tmp,var}
chmod 755 "$root" "$root"/{dev,etc,home,nix,proc,run,sys,var}
chmod 700 "$root/root"
chmod 1777 "$root/tmp"
chmod 1775 "$root/nix/store"
order=(--sort=name --numeric-owner --owner=0 --group=0 --mtime=@1 --hard-dereference --format=posix
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime)
"$deterministicTar" --create --file "$out" "${order[@]}" --directory "$root" .
sed 's,^/,,' "$storePaths" | sort >"$TMPDIR/paths"
"$deterministicTar" --append --file "$out" "${order[@]}" --directory / --files-from "$TMPDIR/paths"
