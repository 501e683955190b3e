# One container image as a docker archive with one layer. `copies` holds lines of: source target; `links`: target path.
tree=$TMPDIR/tree
mkdir -p "$tree"
while read -r source target; do
  [ -n "$source" ] || continue
  mkdir -p "$tree$(dirname "$target")"
  cp --recursive --no-dereference --no-preserve=all "$source" "$tree$target"
done <<<"$copies"
while read -r target path; do
  [ -n "$target" ] || continue
  mkdir -p "$tree$(dirname "$path")"
  ln --symbolic "$target" "$tree$path"
done <<<"$links"
[ -z "$debianTree" ] || {
  # The loader, the libraries and the named programs of unpacked Debian packages.
  mkdir -p "$tree/usr/lib" "$tree/usr/sbin"
  cp --recursive --no-preserve=ownership "$debianTree/root/usr/lib64" "$tree/usr/"
  cp --recursive --no-preserve=ownership "$debianTree/root/usr/lib/x86_64-linux-gnu" "$tree/usr/lib/"
  rm -rf "$tree/usr/lib/x86_64-linux-gnu"/{gconv,audit,perl*}
  for program in $debianPrograms; do cp --no-dereference "$debianTree/root/$program" "$tree/usr/sbin/"; done
  ln -sfn usr/lib "$tree/lib"; ln -sfn usr/lib64 "$tree/lib64"
}
find "$tree" -type d -exec chmod 755 {} +
find "$tree" -type f -exec chmod 755 {} +
mkdir -m 1777 "$tree/tmp"

mkdir "$TMPDIR/archive" "$out"
pack() { tar --create --directory "$1" --sort=name --numeric-owner --owner=0 --group=0 --format=gnu --mtime=@1 --file "$2" .; }
pack "$tree" "$TMPDIR/archive/layer.tar"
layer=$(sha256sum "$TMPDIR/archive/layer.tar" | cut -d' ' -f1)
printf '{"architecture":"amd64","os":"linux","created":"1970-01-01T00:00:01Z","config":{"Env":["PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"],"Entrypoint":%s,"WorkingDir":"/"},"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' \
  "$entrypoint" "$layer" >"$TMPDIR/archive/config.json"
printf '[{"Config":"config.json","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$reference" >"$TMPDIR/archive/manifest.json"
pack "$TMPDIR/archive" "$out/image.tar"
