# The Go programs of a node, with the versions that kubeadm names. A version changes in toolchain/*/go.mod and here; the
# image build compares both with what the built programs say.
{ go }:

let
  kubernetesVersion = "v1.36.3";
in
{
  inherit kubernetesVersion;

  kubernetes = go.build {
    name = "kubernetes-1.36.3";
    module = ../toolchain/kubernetes;
    vendorHash = "sha256-T9+ykvEwFIlnDTwOjqjKbrf88zTIO2zxZq8E2zQyRm8=";
    programs = {
      kube-apiserver = "k8s.io/kubernetes/cmd/kube-apiserver";
      kube-controller-manager = "k8s.io/kubernetes/cmd/kube-controller-manager";
      kube-proxy = "k8s.io/kubernetes/cmd/kube-proxy";
      kube-scheduler = "k8s.io/kubernetes/cmd/kube-scheduler";
      kubeadm = "k8s.io/kubernetes/cmd/kubeadm";
      kubectl = "k8s.io/kubernetes/cmd/kubectl";
      kubelet = "k8s.io/kubernetes/cmd/kubelet";
    };
    linkerFlags = [
      "-X k8s.io/component-base/version.gitVersion=${kubernetesVersion}"
      "-X k8s.io/component-base/version.gitMajor=1"
      "-X k8s.io/component-base/version.gitMinor=36"
      "-X k8s.io/component-base/version.gitTreeState=clean"
      "-X k8s.io/component-base/version.gitCommit=unknown"
      "-X k8s.io/component-base/version.buildDate=1970-01-01T00:00:00Z"
      "-X k8s.io/client-go/pkg/version.gitVersion=${kubernetesVersion}"
    ];
  };

  etcd = go.build {
    name = "etcd-3.6.8";
    module = ../toolchain/addons/etcd;
    vendorHash = "sha256-SHOQsAHnB9MWBKIGGC/qKIvN2hLdmP4vBanjc9uC1kU=";
    programs.etcd = ".";
  };

  coredns = go.build {
    name = "coredns-1.14.2";
    module = ../toolchain/addons/coredns;
    vendorHash = "sha256-jQVZiDXciO4wAT4MnScEOpOpME4zHqdF3HM8yvipDM0=";
    programs.coredns = ".";
  };

  flannel = go.build {
    name = "flannel-0.28.10";
    module = ../toolchain/addons/flannel;
    vendorHash = "sha256-FKSnh1loViMnvThkWBAaG5CPS7bWzHpeKM8Rkq4Q+NY=";
    patchScript = ./go/flannel-without-udp.sh;
    programs.flanneld = "github.com/flannel-io/flannel";
    linkerFlags = [ "-X github.com/flannel-io/flannel/pkg/version.Version=v0.28.10" ];
  };

  containerd = go.build {
    name = "containerd-2.3.7";
    module = ../toolchain/addons/containerd;
    vendorHash = "sha256-129lYUZzimi2f3MpjCTo/fefEPSpx325YyrLf7B12ys=";
    programs = {
      containerd = "github.com/containerd/containerd/v2/cmd/containerd";
      containerd-shim-runc-v2 = "github.com/containerd/containerd/v2/cmd/containerd-shim-runc-v2";
      ctr = "github.com/containerd/containerd/v2/cmd/ctr";
    };
    tags = [
      "no_btrfs"
      "no_zfs"
      "no_devmapper"
    ];
    linkerFlags = [ "-X github.com/containerd/containerd/v2/version.Version=v2.3.7" ];
  };

  cri-tools = go.build {
    name = "cri-tools-1.36.0";
    module = ../toolchain/addons/cri-tools;
    vendorHash = "sha256-3T2FFPdN2jFVFyyi1LZMvtih1/hIlHiZoTk4qr9fCcc=";
    programs.crictl = "sigs.k8s.io/cri-tools/cmd/crictl";
    linkerFlags = [ "-X sigs.k8s.io/cri-tools/pkg/version.Version=v1.36.0" ];
  };

  # Upstream dropped this plugin from its module after 0.9.1; the others come from Debian.
  cni-flannel = go.build {
    name = "cni-plugin-flannel-0.9.1";
    module = ../toolchain/addons/cni;
    vendorHash = "sha256-i3AEE6YU2OiY9sr9Z68vDZ4pUwh46ShC4AleByGoRoE=";
    programs.flannel = "github.com/containernetworking/plugins/plugins/meta/flannel";
  };
}
