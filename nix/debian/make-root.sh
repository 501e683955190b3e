# A Debian root from locked packages alone, as a tar archive: mmdebstrap runs the packages' own scripts, then everything
# that belongs to one machine, to the builder or to the day of the build is removed.
[ "$(id -u)" = 0 ] || { echo "a Debian root needs root to be built (chroot); run nix as root with sandbox = false" >&2; exit 1; }
touch "$TMPDIR/probe"
chmod 4755 "$TMPDIR/probe" 2>/dev/null || { echo "Nix forbids setuid modes in this builder; set filter-syscalls = false in its configuration" >&2; exit 1; }
export DEBIAN_FRONTEND=noninteractive HOME="$TMPDIR"
mkdir "$TMPDIR/repository" "$TMPDIR/root" "$out"
for deb in $debs; do
  name=$(basename "$deb" | cut -d- -f2-)
  ln -s "$deb" "$TMPDIR/repository/$name"
  dpkg-deb --field "$deb"
  printf 'Filename: ./%s\nSize: %s\nSHA256: %s\n\n' "$name" "$(stat --dereference --format=%s "$deb")" "$(sha256sum "$deb" | cut -d' ' -f1)"
done >"$TMPDIR/repository/Packages"

mmdebstrap --mode=root --variant=apt --format=directory --include="$(echo $names | tr ' ' ,)" \
  --aptopt='APT::Install-Recommends "false"' --aptopt='Acquire::Languages "none"' --aptopt='APT::Sandbox::User "root"' \
  --dpkgopt='path-exclude=/usr/share/doc/*' --dpkgopt='path-include=/usr/share/doc/*/copyright' \
  --dpkgopt='path-exclude=/usr/share/man/*' --dpkgopt='path-exclude=/usr/share/locale/*' --dpkgopt='path-exclude=/usr/share/info/*' \
  "$suite" "$TMPDIR/root" "deb [trusted=yes] copy:$TMPDIR/repository ./"

cd "$TMPDIR/root"
# Of one machine, or secret.
rm -f etc/ssh/ssh_host_* etc/machine-id var/lib/dbus/machine-id etc/hostname etc/resolv.conf var/lib/systemd/random-seed var/lib/systemd/credential.secret
# Of the build, or made again when needed.
rm -rf var/lib/apt/lists/* var/cache/apt/* var/cache/debconf/* var/cache/ldconfig/* var/log/* var/tmp/* tmp/* run/* usr/lib/udev/hwdb.bin etc/udev/hwdb.bin
rm -f etc/passwd- etc/group- etc/shadow- etc/gshadow- etc/subuid- etc/subgid- var/lib/dpkg/*-old etc/.pwd.lock var/lib/systemd/catalog/database
rm -rf etc/apt/sources.list.d/* etc/apt/apt.conf.d/99mmdebstrap
: >etc/apt/sources.list
# The day of the last password change is the day of the build.
awk -F: 'BEGIN { OFS = ":" } { $3 = "1"; print }' etc/shadow >"$TMPDIR/shadow"
cat "$TMPDIR/shadow" >etc/shadow
tar --create --file "$out/root.tar" --sort=name --numeric-owner --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 --xattrs --xattrs-include='*' .
rm -rf "$TMPDIR/root"
