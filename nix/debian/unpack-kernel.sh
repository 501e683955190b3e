# The kernel, its configuration and its modules. depmod is left to who chooses the modules.
mkdir "$TMPDIR/tree" "$out"
dpkg-deb --extract "$deb" "$TMPDIR/tree"
cp "$TMPDIR"/tree/boot/vmlinuz-* "$out/vmlinuz"
cp "$TMPDIR"/tree/boot/config-* "$out/config"
if [ -d "$TMPDIR/tree/usr/lib/modules" ]; then mv "$TMPDIR/tree/usr/lib/modules" "$out/modules"; else mv "$TMPDIR/tree/lib/modules" "$out/modules"; fi
