# Facts are known before anything is built; here they are held against what was built. Any difference fails the image.
differ() { echo "the image's facts disagree with what was built: $1" >&2; echo "  facts: $2" >&2; echo "  built: $3" >&2; exit 1; }

version=$("$kubeadm" version -o short)
[ "$version" = "$kubernetesVersion" ] || differ "Kubernetes version" "$kubernetesVersion" "$version"

sorted() { printf '%s\n' $1 | LC_ALL=C sort; }
built=$(grep -o '"name":"[^"]*"' "$state/images.json" | cut -d'"' -f4 | tr '\n' ' ')
[ "$(sorted "$containerImages")" = "$(sorted "$built")" ] || differ "container images" "$containerImages" "$built"

for wanted in $("$kubeadm" config images list --kubernetes-version "$version"); do
  case " $containerImages " in *" $wanted "*) ;; *) differ "container image that kubeadm asks for" "$containerImages" "$wanted" ;; esac
done
echo checked >"$out"
