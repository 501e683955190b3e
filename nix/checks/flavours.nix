# The NixOS node held against the debian one: what is the same data must come out the same, and every difference is named
# here with its reason. A difference that is not named fails, and so does a reason without a difference.
{
  image,
  lib,
  pkgs,
}:
let
  inherit (image) config facts;
  node = import ../nixos/node-definition.nix;
  unitFile = import ../nixos/unit-file.nix;
  debianFacts = (import ../.).imageFacts.x86_64-linux.node-image-debian;

  unit = name: unitFile.parse config.systemd.units.${name}.text;

  flatten =
    prefix: value:
    if builtins.isAttrs value then
      lib.concatMapAttrs (name: flatten (if prefix == "" then name else "${prefix}/${name}")) value
    else
      { ${prefix} = value; };

  compare =
    {
      debian,
      nixos,
      reasons,
    }:
    let
      here = flatten "" debian;
      there = flatten "" nixos;
      paths = lib.unique (builtins.attrNames here ++ builtins.attrNames there);
      different = builtins.filter (path: (here.${path} or null) != (there.${path} or null)) paths;
    in
    {
      unexplained = lib.subtractLists (builtins.attrNames reasons) different;
      stale = lib.subtractLists different (builtins.attrNames reasons);
    };

  inStore = "programs lie in the store";
  everyUnit = {
    "Service/ExecStart" = inStore;
    "Service/Environment" = "NixOS adds PATH, locale and time zones";
  };

  comparisons = {
    kubelet = compare {
      debian = node.kubeletUnit;
      nixos = unit "kubelet.service";
      reasons = everyUnit;
    };
    containerd = compare {
      debian = node.containerdUnit;
      nixos = unit "containerd.service";
      reasons = everyUnit // {
        "Unit/X-Restart-Triggers" = "the configuration's path, for NixOS' own switching";
      };
    };
    containerdConfiguration = compare {
      debian = node.containerdConfiguration {
        inherit (config.services.replikube.containerImages) pauseImage;
        runc = "/usr/sbin/runc";
      };
      nixos = config.services.replikube.containerRuntime.rendered;
      reasons = {
        "plugins/io.containerd.cri.v1.runtime/containerd/runtimes/runc/options/BinaryName" = inStore;
      };
    };
    sysctls = compare {
      debian = node.sysctls;
      nixos = builtins.intersectAttrs node.sysctls config.boot.kernel.sysctl;
      reasons = { };
    };
    kernelModules = compare {
      debian = lib.genAttrs node.kernelModules (_: true);
      nixos = lib.genAttrs node.kernelModules (name: builtins.elem name config.boot.kernelModules);
      reasons = { };
    };
    facts = compare {
      # The debian flavour is for one system only.
      debian = debianFacts // {
        inherit (facts) system;
      };
      nixos = facts;
      reasons = {
        flavour = "they are two";
        "boot/commandLine" = "NixOS finds its system by init=, and its root by label";
        kubernetesVersion = "each follows its own package";
        containerImages = "tags follow the packages";
        "cni/manifest" = "flannel's tag follows its package";
        "kubeadm/etcdImageTag" = "nixpkgs' etcd is another than kubeadm's default";
        "kubeadm/corednsImageTag" = "nixpkgs' CoreDNS is another than kubeadm's default";
      };
    };
  };

  problems = lib.concatLists (
    lib.mapAttrsToList (
      name:
      { unexplained, stale }:
      map (path: "${name}: ${path} differs, and nothing says why") unexplained
      ++ map (path: "${name}: ${path} is said to differ, and does not") stale
    ) comparisons
  );
in
assert lib.assertMsg (problems == [ ]) (lib.concatStringsSep "\n" problems);
pkgs.emptyFile
