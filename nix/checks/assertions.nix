# Every mistake that the modules know is refused, in words that name the option.
{
  lib,
  mkNodeImage,
  pkgs,
  system,
}:
let
  mistakes = {
    "networking.hostName" = {
      networking.hostName = "one";
    };
    "nix.enable" = {
      nix.enable = lib.mkForce true;
    };
    "services.replikube.debug.authorizedKeys" = {
      services.replikube.debug.authorizedKeys = [ "-----BEGIN OPENSSH PRIVATE KEY-----" ];
    };
    "services.replikube.sysctls" = {
      services.replikube.sysctls."net.ipv4.ip_forward" = 0;
    };
    "services.replikube.units: kubelet.service" = {
      services.replikube.units."kubelet.service" = "[Service]";
    };
    "is no unit file name" = {
      services.replikube.units."sampler" = "[Service]";
    };
    "services.replikube.cni.manifest" = {
      services.replikube.cni = {
        name = "none";
        manifest = "kind: List";
      };
    };
    "environment.etc.\"cni/net.d\"" = {
      environment.etc."cni/net.d".source = pkgs.emptyDirectory;
    };
    "services.replikube.containerRuntime.settings" = {
      services.replikube.containerRuntime.settings.plugins."io.containerd.cri.v1.runtime".cni.bin_dirs = [
        "${pkgs.cni-plugins}/bin"
      ];
    };
    "virtualisation.containerd.enable" = {
      virtualisation.containerd.enable = true;
    };
    "services.replikube.hostNameTemplate" = {
      services.replikube.hostNameTemplate = "{stack}-{role}";
    };
    "services.replikube.networking.nodePorts" = {
      services.replikube.networking.nodePorts = {
        from = 32000;
        to = 30000;
      };
    };
    "networking.nftables.flushRuleset" = {
      networking.nftables.flushRuleset = true;
    };
    "zramSwap.enable" = {
      zramSwap.enable = true;
    };
    "services.replikube.containerImages.extra" = {
      services.replikube.containerImages.extra = [ pkgs.hello ];
    };
  };

  messagesOf =
    module:
    let
      inherit
        (mkNodeImage {
          inherit system;
          modules = [ module ];
        })
        config
        ;
    in
    map (each: each.message) (builtins.filter (each: !each.assertion) config.assertions);

  unrefused = builtins.filter (words: !lib.any (lib.hasInfix words) (messagesOf mistakes.${words})) (
    builtins.attrNames mistakes
  );
  refusedWithout = messagesOf { };
in
assert lib.assertMsg (
  refusedWithout == [ ]
) "a node image without mistakes is refused: ${toString refusedWithout}";
assert lib.assertMsg (
  unrefused == [ ]
) "not refused, or in other words: ${lib.concatStringsSep "; " unrefused}";
pkgs.emptyFile
