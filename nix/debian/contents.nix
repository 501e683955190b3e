# What every debian node has beside Debian's own packages: files, units and links by their places.
{ node, programs }:

let
  units = import ./units.nix;
  names = builtins.attrNames;

  program = derivation: name: {
    source = "${derivation}/bin/${name}";
    mode = "0755";
  };
  data = source: {
    inherit source;
    mode = "0644";
  };
  text = name: content: data (builtins.toFile name content);

  nodeFiles = {
    "/usr/bin/kubeadm" = program programs.kubernetes "kubeadm";
    "/usr/bin/kubectl" = program programs.kubernetes "kubectl";
    "/usr/bin/kubelet" = program programs.kubernetes "kubelet";
    "/usr/bin/crictl" = program programs.cri-tools "crictl";
    "/usr/bin/containerd" = program programs.containerd "containerd";
    "/usr/bin/containerd-shim-runc-v2" = program programs.containerd "containerd-shim-runc-v2";
    "/usr/bin/ctr" = program programs.containerd "ctr";
    "/opt/cni/bin/flannel" = program programs.cni-flannel "flannel";
    "/etc/containerd/config.toml" = text "containerd-config.toml" node.containerdConfig;
    "/etc/crictl.yaml" = data node.crictlConfig;
    "/etc/sysctl.d/50-kubernetes.conf" = data node.sysctl;
    "/etc/modules-load.d/kubernetes.conf" = data node.kernelModules;
    "/usr/lib/systemd/system/kubelet.service" = data node.kubeletUnit;
    "/usr/lib/systemd/system/containerd.service" = data node.containerdUnit;
  };

  debianFiles = {
    "/etc/systemd/network/05-cni.network" = data ./files/05-cni.network;
    "/etc/systemd/network/10-node.network" = data ./files/10-node.network;
    "/etc/systemd/networkd.conf.d/replikube.conf" = data ./files/networkd.conf;
    "/etc/systemd/resolved.conf.d/replikube.conf" = data ./files/resolved.conf;
    "/etc/systemd/journald.conf.d/replikube.conf" = data ./files/journald.conf;
    "/etc/ssh/sshd_config.d/replikube.conf" = data ./files/sshd.conf;
    "/etc/tmpfiles.d/replikube.conf" = data ./files/tmpfiles.conf;
    # Empty, not absent: systemd makes an id at every boot of a machine without running its first-boot presets.
    "/etc/machine-id" = text "machine-id" "";
    "/usr/lib/replikube/make-host-key" = {
      source = ./files/make-host-key;
      mode = "0755";
    };
    "/usr/lib/replikube/guest-agent" = {
      source = ./files/guest-agent;
      mode = "0755";
    };
  };

  ownUnits = {
    "replikube-host-key.service" = {
      source = ./files/host-key.service;
      wantedBy = "multi-user.target";
    };
    "replikube-grow-root.service" = {
      source = ./files/grow-root.service;
      wantedBy = "local-fs.target";
    };
    "replikube-guest-agent.service" = {
      source = ./files/guest-agent.service;
      wantedBy = "multi-user.target";
    };
  };

  wants = target: unit: {
    name = "/etc/systemd/system/${target}.wants/${unit}";
    value = "/usr/lib/systemd/system/${unit}";
  };
  nullLinks =
    directory:
    map (name: {
      name = "${directory}/${name}";
      value = "/dev/null";
    });
  cniPlugins = import ./cni-plugins.nix;

  links = builtins.listToAttrs (
    nullLinks "/etc/systemd/system" units.masked
    ++ nullLinks "/etc/systemd/system-generators" units.maskedGenerators
    ++ map (unit: wants units.enabled.${unit} unit) (names units.enabled)
    ++ [
      (wants "multi-user.target" "kubelet.service")
      (wants "multi-user.target" "containerd.service")
    ]
    ++ map (plugin: {
      name = "/opt/cni/bin/${plugin}";
      value = "/usr/lib/cni/${plugin}";
    }) cniPlugins
    ++ [
      {
        name = "/etc/systemd/system/default.target";
        value = "/usr/lib/systemd/system/multi-user.target";
      }
      {
        name = "/etc/resolv.conf";
        value = "../run/systemd/resolve/stub-resolv.conf";
      }
    ]
  );
in
{
  inherit wants data links;
  files = nodeFiles // debianFiles;
  units = ownUnits;
}
