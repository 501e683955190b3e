# One package of the lock from whichever mirror of this machine still has it.
renew="nix/debian/packages.lock names what the mirrors no longer have: run './lab lock-image' to renew it"
mirrors=$(bash "$mirrorsScript")
[ -n "$mirrors" ] || { echo "$package $version: apt names no Debian mirror; set REPLIKUBE_DEBIAN_MIRROR" >&2; exit 1; }
while read -r mirror; do
  if command -v /usr/lib/apt/apt-helper >/dev/null; then
    # Knows the proxies and certificates that apt is set up with.
    /usr/lib/apt/apt-helper -o APT::Sandbox::User=root -o Acquire::Retries=3 download-file "${mirror%/}/$path" "$TMPDIR/package.deb" >"$TMPDIR/log" 2>&1 && break
  else
    curl --fail --silent --show-error --location --retry 3 --output "$TMPDIR/package.deb" "${mirror%/}/$path" 2>"$TMPDIR/log" && break
  fi
  rm -f "$TMPDIR/package.deb"
done <<<"$mirrors"
[ -f "$TMPDIR/package.deb" ] || { tail -n 3 "$TMPDIR/log" >&2; echo "$package $version: $path cannot be had; $renew" >&2; exit 1; }
echo "$sha256  $TMPDIR/package.deb" | sha256sum --check --quiet >&2 || { echo "$package $version: $path has changed on the mirror; $renew" >&2; exit 1; }
cp "$TMPDIR/package.deb" "$out"
