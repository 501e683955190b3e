# Holds the facts against what was built, and against what kubeadm will ask for with them. Needs $kubeadm, $facts, $images.
differ() {
  echo "the image's facts disagree with what was built: $1" >&2
  echo "  facts: $2" >&2
  echo "  built: $3" >&2
  echo "  $4" >&2
  exit 1
}
fact() { jq -r "$1" "$facts"; }

version=$("$kubeadm" version -o short)
[ "$version" = "$(fact .kubernetesVersion)" ] || differ "Kubernetes version" "$(fact .kubernetesVersion)" "$version" \
  "services.replikube.kubernetes.package must have the version that its kubeadm says"

stated=$(fact '.containerImages | sort | join(" ")')
built=$(jq -r 'map(.name) | sort | join(" ")' "$images")
[ "$stated" = "$built" ] || differ "container images" "$stated" "$built" "see services.replikube.containerImages"

cat >"$TMPDIR/kubeadm.yaml" <<CONFIGURATION
apiVersion: kubeadm.k8s.io/v1beta4
kind: ClusterConfiguration
kubernetesVersion: $version
imageRepository: $(fact .kubeadm.imageRepository)
dns: { imageTag: "$(fact .kubeadm.corednsImageTag)" }
etcd: { local: { imageTag: "$(fact .kubeadm.etcdImageTag)" } }
CONFIGURATION
HOME=$TMPDIR "$kubeadm" config images list --config "$TMPDIR/kubeadm.yaml" >"$TMPDIR/wanted"
while read -r wanted; do
  case " $stated " in
    *" $wanted "*) ;;
    *) differ "container image that kubeadm asks for" "$stated" "$wanted" \
        "a sandbox image of another tag: set services.replikube.containerImages.pauseTag to the one named" ;;
  esac
done <"$TMPDIR/wanted"
