# The outputs of the flake. What is here never touches nixpkgs.
let
  system = "x86_64-linux";
  runScript = import ./run-script.nix { inherit system; };
  go = import ./go { inherit runScript; };
  programs = import ./programs.nix { inherit go; };
  packages = import ./debian/packages.nix { inherit runScript; };
  kernel = import ./debian/kernel.nix { inherit runScript packages; };
  disk = import ./disk { inherit runScript packages; };
  initrd = import ./initrd {
    inherit
      runScript
      packages
      kernel
      disk
      ;
  };
  image = import ./image { inherit runScript; };

  node = import ./node { inherit (programs) kubernetesVersion; };
  images = import ./images {
    inherit
      runScript
      packages
      programs
      node
      ;
  };

  # What a flavour builds on; each returns { image, facts }.
  parts = {
    inherit
      system
      runScript
      go
      programs
      packages
      kernel
      disk
      initrd
      image
      node
      images
      ;
  };
  debian = import ./debian parts;
  tiny = if builtins.pathExists ./tiny/default.nix then import ./tiny parts else null;

  hostTools = runScript.run {
    name = "host-tools";
    script = ./host-tools.sh;
    inherit (programs) kubernetes;
  };
in
{
  packages.${system} = {
    inherit (programs)
      kubernetes
      etcd
      coredns
      flannel
      containerd
      cri-tools
      cni-flannel
      ;
    inherit kernel;
    inherit (debian)
      preload
      modules
      initrd
      root
      overlay
      state
      disk
      ;
    go-compiler = go.compiler;
    disk-tools = disk.tools;
    host-tools = hostTools;
    node-image-debian = debian.image;
  }
  // (if tiny == null then { } else { node-image-tiny = tiny.image; });

  imageFacts.${system} = {
    node-image-debian = debian.facts;
  }
  // (if tiny == null then { } else { node-image-tiny = tiny.facts; });

  lib.mkDebianImage = debian.mkImage;
}
