# kubeadm, kubelet and what they call. kubelet.service is nix/node's own, with store paths in it.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  inherit (cfg.kubernetes) package;
  node = import ../nixos/node-definition.nix;
  kubelet = node.kubeletUnit;

  # kubelet and kubeadm's preflight look these up on PATH; a NixOS unit has little more than coreutils there.
  tools = [
    pkgs.conntrack-tools
    pkgs.cri-tools
    pkgs.e2fsprogs
    pkgs.ethtool
    pkgs.iproute2
    pkgs.iptables
    pkgs.kmod
    pkgs.nftables
    pkgs.socat
    pkgs.util-linux
  ];

  single = values: if builtins.length values == 1 then builtins.head values else values;

  # Programs that the image contract promises under /usr/bin.
  promised = {
    kubeadm = package;
    kubelet = package;
    kubectl = package;
    crictl = pkgs.cri-tools;
    ctr = pkgs.containerd;
  };
in
{
  options.services.replikube = {
    kubernetes = {
      package = lib.mkPackageOption pkgs "kubernetes" {
        extraDescription = ''
          Its version is the cluster's: it reaches kubeadm through the image facts, and a preview shows it before anything is
          built. The control plane's container images are made from it.
        '';
      };

      imageRepository = lib.mkOption {
        type = lib.types.strMatching "[a-z0-9.-]+(:[0-9]+)?(/[a-z0-9._-]+)*";
        default = "registry.k8s.io";
        example = "registry.k8s.io";
        description = "Prefix in the names of the control plane's container images. Nothing is ever pulled from there.";
      };

      kubelet.extraArgs = lib.mkOption {
        type = lib.types.listOf (lib.types.strMatching "--[^ ]+");
        default = [ ];
        example = [ "--v=4" ];
        description = ''
          Arguments of every kubelet, in `KUBELET_EXTRA_ARGS`. What a KubeletConfiguration can say belongs into the stack's
          configuration instead, where a preview shows it.
        '';
      };
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = lib.versionAtLeast package.version node.oldestKubernetes;
        message = ''
          services.replikube.kubernetes.package is Kubernetes ${package.version}, whose kubeadm does not read the configuration
          that is written for it (${node.kubeadmApiVersion}). Take ${node.oldestKubernetes} or newer.
        '';
      }
      {
        assertion = package ? pause;
        message = ''
          services.replikube.kubernetes.package has no output "pause", so there would be no sandbox image.
          Take nixpkgs' kubernetes, and change it with .override or .overrideAttrs, which keep its outputs.
        '';
      }
    ];

    environment.systemPackages = tools ++ [ package ];
    environment.etc."crictl.yaml".text = node.crictlConfiguration;

    systemd.tmpfiles.settings."10-replikube-programs" = lib.mapAttrs' (
      program: from:
      lib.nameValuePair "/usr/bin/${program}" { "L+".argument = "${lib.getBin from}/bin/${program}"; }
    ) promised;

    systemd.services.kubelet = {
      wantedBy = kubelet.Install.WantedBy;
      path = tools;
      unitConfig = lib.mapAttrs (_: single) kubelet.Unit;
      serviceConfig =
        lib.mapAttrs (_: single) kubelet.Service
        // {
          ExecStart = map (builtins.replaceStrings
            [ "/usr/bin/kubelet" ]
            [ "${package}/bin/kubelet" ]
          ) kubelet.Service.ExecStart;
        }
        // lib.optionalAttrs (cfg.kubernetes.kubelet.extraArgs != [ ]) {
          Environment = kubelet.Service.Environment ++ [
            ''"KUBELET_EXTRA_ARGS=${lib.concatStringsSep " " cfg.kubernetes.kubelet.extraArgs}"''
          ];
        };
    };
  };
}
