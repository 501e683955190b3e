# What all of Go's builds here have in common: a compilation is only taken from a cache that had the same.
export HOME="$TMPDIR" GOPATH="$TMPDIR/go" GOMODCACHE="$TMPDIR/modules" GOCACHE="$TMPDIR/cache" GOENV=off
export GOTELEMETRY=off GOTOOLCHAIN=local GOPROXY=off GOFLAGS="-trimpath -buildvcs=false" CGO_ENABLED=0
export GOOS=linux GOARCH=amd64 GOAMD64=v1
