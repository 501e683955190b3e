# The sources of everything that a Go module needs, by content. (The module cache would do too, but differs by proxy.)
export GOPATH="$TMPDIR/go" GOMODCACHE="$TMPDIR/modules" GOCACHE="$TMPDIR/cache" GOTELEMETRY=off GOTOOLCHAIN=local
export GOENV="${HOME:-/nonexistent}/.config/go/env" GOFLAGS=-modcacherw
export HOME="$TMPDIR"
cp -R "$module" "$TMPDIR/module"
chmod -R u+w "$TMPDIR/module"
cd "$TMPDIR/module"
"$go/bin/go" mod vendor
mv vendor "$out"
