# The outputs of the flake. What is here never touches nixpkgs.
let
  system = "x86_64-linux";
  runScript = import ./run-script.nix { inherit system; };
  go = import ./go { inherit runScript; };
  programs = import ./programs.nix { inherit go; };
  packages = import ./debian/packages.nix { inherit runScript; };
  kernel = import ./debian/kernel.nix { inherit runScript packages; };
  disk = import ./disk { inherit runScript packages; };
  initrd = import ./initrd { inherit runScript packages kernel disk; };
  image = import ./image { inherit runScript; };

  # What a flavour builds on; each returns { image, facts }.
  parts = { inherit system runScript go programs packages kernel disk initrd image; };
  tiny = if builtins.pathExists ./tiny/default.nix then import ./tiny parts else null;
in
{
  packages.${system} = {
    inherit (programs) kubernetes etcd coredns flannel containerd cri-tools cni-flannel;
    inherit kernel;
    go-compiler = go.compiler;
    disk-tools = disk.tools;
  } // (if tiny == null then { } else { node-image-tiny = tiny.image; });

  imageFacts.${system} = if tiny == null then { } else { node-image-tiny = tiny.facts; };
}
