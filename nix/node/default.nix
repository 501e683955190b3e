# What a Kubernetes node is, as data, for every flavour: versions, container images, files. Who renders it (packages and
# paths of a flavour) adds nothing that belongs to the node as such.
{ kubernetesVersion }:

rec {
  inherit kubernetesVersion;

  # Exactly the tags that kubeadm names for this version; the image build asks kubeadm and fails when they differ.
  containerImages = {
    kube-apiserver = "registry.k8s.io/kube-apiserver:${kubernetesVersion}";
    kube-controller-manager = "registry.k8s.io/kube-controller-manager:${kubernetesVersion}";
    kube-scheduler = "registry.k8s.io/kube-scheduler:${kubernetesVersion}";
    kube-proxy = "registry.k8s.io/kube-proxy:${kubernetesVersion}";
    etcd = "registry.k8s.io/etcd:3.6.8-0";
    coredns = "registry.k8s.io/coredns/coredns:v1.14.2";
    pause = "registry.k8s.io/pause:3.10.2";
    flannel = "ghcr.io/flannel-io/flannel:v0.28.10";
    # For probes from inside a pod (name look-up, HTTP): nothing can be pulled.
    busybox = "replikube.invalid/busybox:1.37.0";
  };

  # kubeadm pulls none of these, the rest is what it names.
  extraContainerImages = [
    containerImages.flannel
    containerImages.busybox
  ];

  cniManifest = builtins.replaceStrings [ "@FLANNEL_IMAGE@" ] [ containerImages.flannel ] (
    builtins.readFile ./flannel.yaml
  );
  containerdConfig = builtins.replaceStrings [ "@PAUSE_IMAGE@" ] [ containerImages.pause ] (
    builtins.readFile ./containerd-config.toml
  );

  criSocket = "unix:///run/containerd/containerd.sock";
  imageRepository = "registry.k8s.io";
  nodeNameTemplate = "{stack}-{role}-{index}";

  kernelModules = ./modules.conf;
  sysctl = ./sysctl.conf;
  kubeletUnit = ./kubelet.service;
  containerdUnit = ./containerd.service;
  crictlConfig = ./crictl.yaml;

  # Empty directories that kubeadm, the kubelet and CNI plugins write to.
  directories = [
    "/etc/kubernetes/manifests"
    "/etc/cni/net.d"
    "/opt/cni/bin"
    "/var/lib/kubelet"
    "/var/lib/etcd"
  ];
}
