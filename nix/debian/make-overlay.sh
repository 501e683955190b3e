# What lies over the packages of a root: files, links and empty directories, as a tar archive with modes.
tree=$TMPDIR/tree
mkdir -p "$tree" "$out"
while IFS=$'\t' read -r mode source path; do
  [ -n "$mode" ] || continue
  install -D --mode="$mode" "$source" "$tree$path"
done <"$filesPath"
while IFS=$'\t' read -r target path; do
  [ -n "$target" ] || continue
  mkdir -p "$(dirname "$tree$path")"
  ln --symbolic --no-target-directory "$target" "$tree$path"
done <"$linksPath"
while read -r path; do
  [ -n "$path" ] || continue
  mkdir -p "$tree$path"
done <"$directoriesPath"
find "$tree" -type d -exec chmod 755 {} +
tar --create --file "$out/overlay.tar" --directory "$tree" --sort=name --numeric-owner --owner=0 --group=0 --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 .
