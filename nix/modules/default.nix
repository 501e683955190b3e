# A Replikube node on NixOS. What a user sets lies under services.replikube; what a node is comes from nix/node, as for
# every flavour. One concern a file.
{ lib, ... }:
{
  imports = [
    ./access.nix
    ./cni.nix
    ./container-images.nix
    ./container-runtime.nix
    ./kernel.nix
    ./kubernetes.nix
    ./networking.nix
    ./packages.nix
  ];

  options.services.replikube.enable = lib.mkEnableOption "a machine that kubeadm can turn into a Kubernetes node";
}
