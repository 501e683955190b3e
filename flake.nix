{
  description = "Replikube: node images and host tools for reproducible kubeadm clusters";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  # Sources are named as ./nix/… and ./toolchain/…, never through `self`, so that a commit elsewhere changes no derivation.
  outputs =
    { nixpkgs, ... }:
    let
      # Never touches nixpkgs, so that it evaluates where nixpkgs cannot be fetched.
      offline = import ./nix;
      nixos = import ./nix/nixos { inherit nixpkgs; };
      bySystem =
        output: builtins.mapAttrs (system: of: of // offline.${output}.${system} or { }) nixos.${output};
    in
    nixos
    // {
      lib = nixos.lib // offline.lib;
      packages = bySystem "packages";
      imageFacts = bySystem "imageFacts";
    };
}
