# What makes a node an image: one ext4 root that grows at boot, no Nix, no switching, no changes to users, nothing in it
# that belongs to one machine.
{
  config,
  extendModules,
  lib,
  modulesPath,
  pkgs,
  ...
}:
let
  console = if pkgs.stdenv.hostPlatform.isAarch64 then "ttyAMA0" else "ttyS0";
in
{
  imports = [
    (modulesPath + "/profiles/qemu-guest.nix")
    (modulesPath + "/profiles/image-based-appliance.nix")
  ];

  services.replikube.enable = true;

  assertions = [
    {
      assertion = config.networking.hostName == "";
      message = ''
        networking.hostName is "${config.networking.hostName}", but one image serves every machine, and /etc/hostname would win over the
        credential system.hostname. Remove it; services.replikube.hostNameTemplate is the rule for names.
      '';
    }
    {
      assertion = config.fileSystems."/".fsType == "ext4";
      message = ''
        fileSystems."/" is ${config.fileSystems."/".fsType}, but the root disk of a node image is one ext4 file system. Remove the setting;
        further file systems belong under other mount points.
      '';
    }
    {
      assertion = !config.nix.enable;
      message = ''
        nix.enable is true, but a node image is never changed from within. Remove it: what a machine needs goes into the
        image (services.replikube.extraPackages).
      '';
    }
  ];

  # srvos' trick: weaker than the NixOS test driver's own name, stronger than NixOS' default.
  networking.hostName = lib.mkOverride 1337 "";

  fileSystems."/" = {
    # By label, so that the root is found as a whole disk and as a partition.
    device = "/dev/disk/by-label/root";
    fsType = "ext4";
    autoResize = true;
  };
  boot = {
    loader.grub.enable = false;
    initrd.systemd.enable = true;
    kernelParams = [ "console=${console}" ];
  };

  system = {
    name = "replikube-node";
    image.id = "replikube-node";
    stateVersion = lib.mkDefault lib.trivial.release;
    build = {
      nodeFacts = import ./facts.nix { inherit config pkgs lib; };
      extendImage = modules: extendModules { inherit modules; };
      nodeImage = import ./image.nix { inherit config pkgs lib; };
    };
  };

  warnings = lib.optional (!config.networking.firewall.enable) ''
    networking.firewall.enable is false: every port of a node is open to its stack's network.
  '';
}
