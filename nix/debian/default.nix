# The debian flavour: Debian packages, Go programs and the node's own files as one image. `mkImage` is what users extend.
{
  system,
  runScript,
  go,
  programs,
  packages,
  kernel,
  disk,
  initrd,
  image,
  node,
  images,
}:

let
  units = import ./units.nix;
  rootMaker = import ./root.nix { inherit runScript packages; };
  lines = builtins.concatStringsSep "\n";
  names = builtins.attrNames;

  preload = go.build {
    name = "preload";
    module = ../../toolchain/preload;
    vendorHash = "sha256-4Ym98toMbaB04FTTT7N4m7e4bQry9y4cmecTWb2EP6E=";
    programs.preload = ".";
    tags = [
      "no_btrfs"
      "no_zfs"
      "no_devmapper"
    ];
  };

  modules = runScript.run {
    name = "kernel-modules";
    script = ./make-modules.sh;
    inherit kernel;
    tools = packages.tree {
      name = "kmod";
      packages = [
        "kmod"
        "libkmod2"
        "libc6"
        "liblzma5"
        "libzstd1"
        "libssl3t64"
        "zlib1g"
      ];
    };
  };

  initrdOfNode = initrd.make {
    name = "initrd-debian";
    # virtio-rng before systemd asks for randomness; the disk and the network need not wait for udev.
    modules = [
      "virtio_blk"
      "failover"
      "net_failover"
      "virtio_net"
      "virtio-rng"
    ];
  };

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

  debianUnits = {
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
  cniPlugins = [
    "bandwidth"
    "bridge"
    "firewall"
    "host-local"
    "ipvlan"
    "loopback"
    "macvlan"
    "portmap"
    "ptp"
    "tuning"
  ];

  baseLinks = builtins.listToAttrs (
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

  # packages: names in packages.lock (add them to nix/debian/package-sets.json and run ./lab lock-image).
  # containerImages: [ { reference = "name:tag"; archive = docker or OCI archive with one layer; } ].
  # files: { "/path" = { source; mode = "0644"; }; }. links: { "/path" = "target"; }.
  # units: { "name.service" = { source; wantedBy = "multi-user.target"; }; }.
  # null in place of a file, a link or a unit takes away one that every node has.
  mkImage =
    {
      name ? "node-image-debian",
      packages ? [ ],
      containerImages ? [ ],
      files ? { },
      links ? { },
      units ? { },
    }:
    let
      packageNames = lib.unique (locked.lock.sets.root ++ packages);
      allUnits = lib.withoutNull (debianUnits // units);
      allFiles =
        lib.withoutNull (nodeFiles // debianFiles // files)
        // builtins.listToAttrs (
          map (unit: {
            name = "/usr/lib/systemd/system/${unit}";
            value = data allUnits.${unit}.source;
          }) (names allUnits)
        );
      allLinks = lib.withoutNull (
        baseLinks
        // builtins.listToAttrs (map (unit: wants allUnits.${unit}.wantedBy unit) (names allUnits))
        // links
      );

      root = rootMaker.make {
        name = "debian-root";
        names = packageNames;
      };
      overlay = runScript.run {
        name = "node-overlay";
        script = ./make-overlay.sh;
        files =
          lines (
            map (path: "${allFiles.${path}.mode or "0644"}\t${allFiles.${path}.source}\t${path}") (
              names allFiles
            )
          )
          + "\n";
        links = lines (map (path: "${allLinks.${path}}\t${path}") (names allLinks)) + "\n";
        directories = lines (node.directories ++ [ "/var/log/journal" ]) + "\n";
        passAsFile = [
          "files"
          "links"
          "directories"
        ];
      };
      state = runScript.run {
        name = "containerd-state";
        script = ./state.sh;
        inherit preload;
        images = images.all ++ map (extra: extra.archive) containerImages;
      };
      rootDisk = disk.make {
        name = "disk-debian";
        archives = [
          "${root}/root.tar"
          "${modules}/modules.tar"
          "${overlay}/overlay.tar"
          "${state}/state.tar"
        ];
      };

      factsChecked = runScript.run {
        name = "facts-checked";
        script = ./check-facts.sh;
        kubeadm = "${programs.kubernetes}/bin/kubeadm";
        inherit state;
        inherit (facts) kubernetesVersion containerImages;
      };

      facts = {
        schema = 1;
        flavour = "debian";
        inherit system;
        boot = {
          mode = "kernel";
          disk = "disk.qcow2";
          kernel = "vmlinuz";
          initrd = "initrd";
          commandLine = "root=/dev/vda rw console=ttyS0 net.ifnames=0 loglevel=5 systemd.show_status=true";
        };
        inherit (node) kubernetesVersion nodeNameTemplate;
        containerImages = builtins.sort builtins.lessThan (
          builtins.attrValues node.containerImages ++ map (extra: extra.reference) containerImages
        );
        cni = {
          name = "flannel";
          manifest = node.cniManifest;
        };
        kubeadm = {
          inherit (node) criSocket imageRepository;
          etcdImageTag = "";
          corednsImageTag = "";
        };
      };
    in
    {
      inherit
        facts
        root
        overlay
        state
        ;
      files = allFiles;
      links = allLinks;
      disk = rootDisk;
      image = image.make {
        inherit name facts kernel;
        disk = rootDisk;
        initrd = initrdOfNode;
        containerImages = "${state}/images.json";
        packages = map (package: {
          name = package;
          inherit (locked.lock.packages.${package}) version;
        }) packageNames;
        checks = [ factsChecked ];
      };
    };

  locked = packages;
  lib.withoutNull = set: removeAttrs set (builtins.filter (name: set.${name} == null) (names set));
  lib.unique = builtins.foldl' (
    seen: item: if builtins.elem item seen then seen else seen ++ [ item ]
  ) [ ];
in
mkImage { }
// {
  inherit mkImage preload modules;
  initrd = initrdOfNode;
}
