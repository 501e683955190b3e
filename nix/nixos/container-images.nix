# The node's container images by dockerTools, one layer each, from the packages of the configuration. Paths inside are
# those of the debian flavour's images, as the same manifests use them.
{
  config,
  lib,
  pkgs,
}:
let
  cfg = config.services.replikube;
  node = import ./node-definition.nix;
  kubernetes = cfg.kubernetes.package;
  kubernetesTag = "v${kubernetes.version}";

  image =
    {
      name,
      tag,
      entrypoint,
      # Path in the image -> program. Programs are copied, so that a layer holds one of a package's programs, not all.
      copies ? { },
      # Path in the image -> path in the store; what it needs comes along.
      links ? { },
    }:
    pkgs.dockerTools.buildImage {
      inherit name tag;
      compressor = "none";
      copyToRoot = pkgs.runCommand "${baseNameOf name}-root" { } (
        lib.concatStrings (
          lib.mapAttrsToList (path: program: ''
            install -D -m 755 ${program} $out${path}
          '') copies
        )
        + lib.concatStrings (
          lib.mapAttrsToList (path: target: ''
            mkdir -p $out${dirOf path}
            ln -s ${target} $out${path}
          '') links
        )
      );
      extraCommands = "mkdir -m 1777 tmp";
      config = {
        Env = [ "PATH=/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" ];
        Entrypoint = entrypoint;
        WorkingDir = "/";
      };
    };

  # A repository of one's own stands in for registry.k8s.io in every name of the control plane.
  controlPlaneName =
    name:
    builtins.replaceStrings [ node.imageRepository ] [ cfg.kubernetes.imageRepository ]
      node.imageNames.${name};

  kubernetesImage =
    name: links:
    image {
      name = controlPlaneName name;
      tag = kubernetesTag;
      entrypoint = [ "/usr/local/bin/${name}" ];
      copies."/usr/local/bin/${name}" = "${kubernetes}/bin/${name}";
      inherit links;
    };

  netfilter = {
    "/usr/sbin/nft" = lib.getExe pkgs.nftables;
  };
  iptables = lib.genAttrs' [
    "iptables"
    "iptables-save"
    "iptables-restore"
    "ip6tables"
    "ip6tables-save"
    "ip6tables-restore"
  ] (program: lib.nameValuePair "/usr/sbin/${program}" "${pkgs.iptables}/bin/${program}");

  busybox = lib.getExe' pkgs.busybox "busybox";
in
rec {
  etcd = image {
    name = controlPlaneName "etcd";
    # kubeadm's tags carry a build number.
    tag = "${cfg.containerImages.etcd.version}-0";
    entrypoint = [ "/usr/local/bin/etcd" ];
    copies."/usr/local/bin/etcd" = "${cfg.containerImages.etcd}/bin/etcd";
  };

  coredns = image {
    # kubeadm has coredns/coredns below its own repository only.
    name =
      if cfg.kubernetes.imageRepository == node.imageRepository then
        node.imageNames.coredns
      else
        "${cfg.kubernetes.imageRepository}/coredns";
    tag = "v${cfg.containerImages.coredns.version}";
    entrypoint = [ "/coredns" ];
    copies."/coredns" = lib.getExe cfg.containerImages.coredns;
  };

  pause = image {
    name = controlPlaneName "pause";
    tag = cfg.containerImages.pauseTag;
    entrypoint = [ "/pause" ];
    copies."/pause" = "${kubernetes.pause}/bin/pause";
  };

  # nft and iptables: flannel cleans up with iptables at start, and dies without it.
  flannel = image {
    name = node.imageNames.flannel;
    tag = "v${cfg.cni.package.version}";
    entrypoint = [ "/usr/local/bin/flanneld" ];
    copies = {
      "/usr/local/bin/flanneld" = "${cfg.cni.package}/bin/flannel";
      "/usr/local/bin/serve-cni" = ../images/serve-cni.sh;
    };
    links = netfilter // iptables // { "/usr/bin/busybox" = busybox; };
  };

  # For probes from inside a pod: nothing can be pulled.
  probe = image {
    name = node.imageNames.busybox;
    tag = pkgs.busybox.version;
    entrypoint = [ "/bin/sh" ];
    links = lib.genAttrs' [
      "sh"
      "cat"
      "echo"
      "env"
      "hostname"
      "httpd"
      "ip"
      "ls"
      "nc"
      "nslookup"
      "ping"
      "sleep"
      "test"
      "true"
      "wget"
    ] (program: lib.nameValuePair "/bin/${program}" busybox);
  };

  all = [
    (kubernetesImage "kube-apiserver" { })
    (kubernetesImage "kube-controller-manager" { })
    (kubernetesImage "kube-scheduler" { })
    (kubernetesImage "kube-proxy" netfilter)
    etcd
    coredns
    pause
    probe
  ]
  ++ lib.optional (cfg.cni.name == "flannel") flannel;
}
