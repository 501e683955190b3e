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
  contents = import ./contents.nix { inherit node programs; };
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
      allUnits = lib.withoutNull (contents.units // units);
      allFiles =
        lib.withoutNull (contents.files // files)
        // builtins.listToAttrs (
          map (unit: {
            name = "/usr/lib/systemd/system/${unit}";
            value = contents.data allUnits.${unit}.source;
          }) (names allUnits)
        );
      allLinks = lib.withoutNull (
        contents.links
        // builtins.listToAttrs (map (unit: contents.wants allUnits.${unit}.wantedBy unit) (names allUnits))
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

      facts = import ../node/facts.nix {
        inherit system node;
        flavour = "debian";
        kernelArguments = "systemd.show_status=true";
        containerImages = builtins.sort builtins.lessThan (
          builtins.attrValues node.containerImages ++ map (extra: extra.reference) containerImages
        );
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
