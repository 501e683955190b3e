# Facts are known before anything is built; here they are held against what was built.
differ() { echo "the image's facts disagree with what was built: $1: facts: $2, built: $3" >&2; exit 1; }
version=$(bash -c 'exec -a kubeadm "$0" version -o short' "$tinyNode/bin/tiny-node")
[ "$version" = "$kubernetesVersion+tiny" ] || differ "Kubernetes version" "$kubernetesVersion" "$version"
tar --extract --to-stdout --file "$root/root.tar" ./usr/lib/tiny-kubernetes/images >"$TMPDIR/images"
[ "$containerImages" = "$(echo $(cat "$TMPDIR/images"))" ] || differ "container images" "$containerImages" "$(cat "$TMPDIR/images")"
echo checked >"$out"
