# The container images of a node, each a docker archive of one layer, made of the programs in programs.nix.
{
  runScript,
  packages,
  programs,
  node,
}:

let
  lines = builtins.concatStringsSep "\n";
  storeName = builtins.replaceStrings [ "/" ":" ] [ "-" "-" ];

  archive =
    {
      reference,
      entrypoint,
      copies ? { },
      links ? { },
      debianTree ? "",
      debianPrograms ? [ ],
    }:
    runScript.run {
      name = "container-image-${storeName reference}";
      script = ./make-archive.sh;
      inherit reference debianTree debianPrograms;
      entrypoint = builtins.toJSON entrypoint;
      copies = lines (map (target: "${copies.${target}} ${target}") (builtins.attrNames copies));
      links = lines (map (path: "${links.${path}} ${path}") (builtins.attrNames links));
    };

  single =
    name: program:
    archive {
      reference = node.containerImages.${name};
      entrypoint = [ "/usr/local/bin/${name}" ];
      copies."/usr/local/bin/${name}" = program;
    };

  # nft for kube-proxy in nftables mode; flannel cleans up with iptables at start and dies without it.
  netfilter = packages.tree {
    name = "netfilter-programs";
    packages = [
      "nftables"
      "libnftables1"
      "iptables"
      "libxtables12"
      "libip4tc2"
      "libip6tc2"
      "libnftnl11"
      "libmnl0"
      "libjansson4"
      "libedit2"
      "libbsd0"
      "libmd0"
      "libtinfo6"
      "libgmp10"
      "libnetfilter-conntrack3"
      "libnfnetlink0"
      "libc6"
      "libgcc-s1"
    ];
  };
  pauseTree = packages.tree {
    name = "pause-program";
    packages = [ "catatonit" ];
  };
  busyboxTree = packages.tree {
    name = "busybox";
    packages = [ "busybox-static" ];
  };
  busybox = "${busyboxTree}/root/usr/bin/busybox";

  iptablesNames = [
    "iptables"
    "iptables-save"
    "iptables-restore"
    "ip6tables"
    "ip6tables-save"
    "ip6tables-restore"
  ];
in
{
  inherit archive;

  all = [
    (single "kube-apiserver" "${programs.kubernetes}/bin/kube-apiserver")
    (single "kube-controller-manager" "${programs.kubernetes}/bin/kube-controller-manager")
    (single "kube-scheduler" "${programs.kubernetes}/bin/kube-scheduler")
    (archive {
      reference = node.containerImages.kube-proxy;
      entrypoint = [ "/usr/local/bin/kube-proxy" ];
      copies."/usr/local/bin/kube-proxy" = "${programs.kubernetes}/bin/kube-proxy";
      debianTree = netfilter;
      debianPrograms = [ "usr/sbin/nft" ];
    })
    (single "etcd" "${programs.etcd}/bin/etcd")
    (archive {
      reference = node.containerImages.coredns;
      entrypoint = [ "/coredns" ];
      copies."/coredns" = "${programs.coredns}/bin/coredns";
    })
    (archive {
      reference = node.containerImages.pause;
      entrypoint = [
        "/pause"
        "-P"
      ];
      copies."/pause" = "${pauseTree}/root/usr/bin/catatonit";
    })
    (archive {
      reference = node.containerImages.flannel;
      entrypoint = [ "/usr/local/bin/flanneld" ];
      copies = {
        "/usr/local/bin/flanneld" = "${programs.flannel}/bin/flanneld";
        "/usr/local/bin/serve-cni" = ./serve-cni.sh;
        "/usr/bin/busybox" = busybox;
      };
      debianTree = netfilter;
      debianPrograms = [
        "usr/sbin/nft"
        "usr/sbin/xtables-nft-multi"
      ];
      links = builtins.listToAttrs (
        map (name: {
          name = "/usr/sbin/${name}";
          value = "xtables-nft-multi";
        }) iptablesNames
      );
    })
    (archive {
      reference = node.containerImages.busybox;
      entrypoint = [ "/bin/sh" ];
      copies."/bin/busybox" = busybox;
      links = builtins.listToAttrs (
        map
          (name: {
            name = "/bin/${name}";
            value = "busybox";
          })
          [
            "sh"
            "cat"
            "echo"
            "env"
            "httpd"
            "ip"
            "ls"
            "nc"
            "nslookup"
            "ping"
            "sleep"
            "true"
            "wget"
            "hostname"
            "test"
          ]
      );
    })
  ];
}
