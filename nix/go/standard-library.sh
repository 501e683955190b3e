# Go's standard library, compiled once for all modules: a build cache (cmd/go/internal/cache) with the time taken out of its entries.
. "$environment"
cd "$TMPDIR"
nice -n "${niceness:-5}" "$go/bin/go" build std
mkdir -p "$out"
for folder in "$GOCACHE"/??; do cp -R "$folder" "$out/"; done
# `v1 ACTION OUTPUT SIZE TIME`, the last two of 20 characters.
find "$out" -name '*-a' -exec sed -i -E 's/^(v1 [0-9a-f]+ [0-9a-f]+ [ 0-9]{20}) [ 0-9]{20}$/\1                    1/' {} +
