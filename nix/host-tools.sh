# The programs of the node that the host uses too, in the same version.
mkdir -p "$out/bin"
for program in kubectl kubeadm; do ln "$kubernetes/bin/$program" "$out/bin/" 2>/dev/null || cp "$kubernetes/bin/$program" "$out/bin/"; done
