# The Go toolchain as it is served as a module. Any Go >= 1.21 on the machine can fetch it; nothing of that one is used.
export GOPATH="$TMPDIR/go" GOMODCACHE="$TMPDIR/modules" GOCACHE="$TMPDIR/cache" GOTELEMETRY=off GOTOOLCHAIN=local
export GOENV="${HOME:-/nonexistent}/.config/go/env" GOFLAGS=-modcacherw
export HOME="$TMPDIR"
command -v go >/dev/null || { echo "no Go on PATH: any Go >= 1.21 is needed to fetch the pinned toolchain" >&2; exit 1; }
cd "$TMPDIR"
go mod download "golang.org/toolchain@$version"
mkdir "$out"
cp -R "$GOMODCACHE/golang.org/toolchain@$version/." "$out/"
# Modules carry no execute bits.
chmod -R u+w "$out"
chmod -R a+x "$out/bin" "$out/pkg/tool"
