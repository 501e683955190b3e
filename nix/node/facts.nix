# The facts of an image whose root is one ext4 disk beside its kernel; docs/guide/images.md says what they are for.
{
  system,
  flavour,
  node,
  containerImages,
  kernelArguments ? "",
}:

{
  schema = 1;
  inherit flavour system containerImages;
  boot = {
    mode = "kernel";
    disk = "disk.qcow2";
    kernel = "vmlinuz";
    initrd = "initrd";
    commandLine =
      "root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=5"
      + (if kernelArguments == "" then "" else " ${kernelArguments}");
  };
  inherit (node) kubernetesVersion nodeNameTemplate;
  cni = {
    name = "flannel";
    manifest = node.cniManifest;
  };
  kubeadm = {
    inherit (node) criSocket imageRepository;
    etcdImageTag = "";
    corednsImageTag = "";
  };
}
