# A root disk from tar archives, later ones over earlier ones: ext4 with a journal, same input, same bytes.
# mke2fs takes one archive, in whose order it allocates: so the archives are merged into one that is sorted by name.
mkdir "$TMPDIR/tree" "$out"
for archive in $archives; do
  tar --extract --file "$archive" --directory "$TMPDIR/tree" --numeric-owner --same-permissions --xattrs --xattrs-include='*' --keep-directory-symlink
done
tar --create --file "$TMPDIR/tree.tar" --directory "$TMPDIR/tree" --sort=name --numeric-owner --format=posix \
  --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime,delete=mtime --mtime=@1 --xattrs --xattrs-include='*' .
used=$(du --summarize --block-size=1M "$TMPDIR/tree" | cut -f1)
size=$((used + used / 8 + spareMiB))
rm -rf "$TMPDIR/tree"
export E2FSPROGS_FAKE_TIME=1 MKE2FS_CONFIG="$tools/root/etc/mke2fs.conf" MKE2FS_SKIP_PROGRESS=1
truncate --size "${size}M" "$TMPDIR/disk.raw"
# Journal and inode tables are zeroes in a new sparse file already.
"$tools/bin/run" usr/sbin/mke2fs -q -F -t ext4 -d "$TMPDIR/tree.tar" -L root -U "$uuid" -m 0 \
  -E "hash_seed=$uuid,assume_storage_prezeroed=1,lazy_itable_init=0,lazy_journal_init=1" "$TMPDIR/disk.raw"
rm "$TMPDIR/tree.tar"
"$tools/bin/run" usr/bin/qemu-img convert -f raw -O qcow2 "$TMPDIR/disk.raw" "$out/disk.qcow2"
