# Programs of one Go module, each static. `programs` holds lines of: name package.
. "$environment"
export GOFLAGS="$GOFLAGS -mod=vendor"
cp -R "$standardLibrary" "$GOCACHE"
chmod -R u+w "$GOCACHE"
cp -R "$module" "$TMPDIR/module"
chmod -R u+w "$TMPDIR/module"
cd "$TMPDIR/module"
cp -R "$vendor" vendor
chmod -R u+w vendor
[ -z "${patchScript:-}" ] || . "$patchScript"
mkdir -p "$out/bin"
while read -r name package; do
  [ -n "$name" ] || continue
  echo "building $name"
  nice -n "${niceness:-5}" "$go/bin/go" build -tags "$tags" -ldflags "-s -w -buildid= $linkerFlags" -o "$out/bin/$name" "$package"
done <<<"$programs"
