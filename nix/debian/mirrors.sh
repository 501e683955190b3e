#!/bin/bash
# Prints the Debian mirrors of this machine, best first, one a line: REPLIKUBE_DEBIAN_MIRROR, else what apt is set up with.
if [ -n "${REPLIKUBE_DEBIAN_MIRROR:-}" ]; then
  echo "$REPLIKUBE_DEBIAN_MIRROR"
elif command -v apt-get >/dev/null; then
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' |
    awk '!seen[$0]++ && /debian/ && !/security/'
fi
