# The image facts of a NixOS configuration (plan/image-facts.ts), known without building anything.
{
  config,
  lib,
  pkgs,
}:
let
  cfg = config.services.replikube;
  node = import ./node-definition.nix;
in
{
  schema = 1;
  flavour = "nixos";
  inherit (pkgs.stdenv.hostPlatform) system;
  boot = {
    mode = "kernel";
    disk = "disk.qcow2";
    kernel = "vmlinuz";
    initrd = "initrd";
    # Only text: whoever reads the facts builds nothing.
    commandLine = builtins.unsafeDiscardStringContext (
      lib.concatStringsSep " " (
        [ "init=${config.system.build.toplevel}/init" ] ++ config.boot.kernelParams
      )
    );
  };
  kubernetesVersion = "v${cfg.kubernetes.package.version}";
  containerImages = lib.sort lib.lessThan (
    map (image: "${image.imageName}:${image.imageTag}") cfg.containerImages.all
  );
  cni = {
    inherit (cfg.cni) name manifest;
  };
  kubeadm = {
    inherit (node) criSocket;
    inherit (cfg.kubernetes) imageRepository;
    # nixpkgs has versions of its own, so they are always said.
    etcdImageTag = cfg.containerImages.etcdTag;
    corednsImageTag = cfg.containerImages.corednsTag;
  };
  nodeNameTemplate = cfg.hostNameTemplate;
}
