# Programs of one Go module, each static. `programs` holds lines of: name package.
export HOME="$TMPDIR" GOPATH="$TMPDIR/go" GOMODCACHE="$TMPDIR/modules" GOCACHE="$TMPDIR/cache" GOENV=off
export GOTELEMETRY=off GOTOOLCHAIN=local GOPROXY=off GOFLAGS="-mod=vendor -trimpath -buildvcs=false" CGO_ENABLED=0
export GOOS=linux GOARCH=amd64 GOAMD64=v1
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
