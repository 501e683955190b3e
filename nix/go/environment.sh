# What all of Go's builds here have in common: a compilation is only taken from a cache that had the same. The programs are linked without
# DWARF, so none is made; with that, and the compiler collecting its garbage less often, a build takes a fifth less of the processors.
export HOME="$TMPDIR" GOPATH="$TMPDIR/go" GOMODCACHE="$TMPDIR/modules" GOCACHE="$TMPDIR/cache" GOENV=off GOGC=400
export GOTELEMETRY=off GOTOOLCHAIN=local GOPROXY=off GOFLAGS="-trimpath -buildvcs=false -gcflags=all=-dwarf=false" CGO_ENABLED=0
export GOOS=linux GOARCH=amd64 GOAMD64=v1
