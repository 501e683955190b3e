# Packages unpacked side by side. Their programs run on any Linux through the tree's own loader and libraries.
mkdir -p "$out/root/usr"/{bin,sbin,lib,lib64}
for directory in bin sbin lib lib64; do ln -s "usr/$directory" "$out/root/$directory"; done
for deb in $debs; do
  # Older layouts (./lib/…) land in /usr by the links above.
  dpkg-deb --fsys-tarfile "$deb" | tar --extract --keep-directory-symlink --no-same-owner --no-same-permissions --directory "$out/root" \
    --exclude ./bin --exclude ./sbin --exclude ./lib --exclude ./lib64
done
mkdir "$out/bin"
cat >"$out/bin/run" <<RUN
#!/bin/sh
# run PROGRAM [ARGUMENT...]: a program of this tree, with this tree's libraries.
program=\$1; shift
exec $out/root/usr/lib64/ld-linux-x86-64.so.2 --library-path $out/root/usr/lib/x86_64-linux-gnu --argv0 "\$program" $out/root/\$program "\$@"
RUN
chmod +x "$out/bin/run"
