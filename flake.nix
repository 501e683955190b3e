{
  description = "Replikube: node images and host tools for reproducible kubeadm clusters";

  inputs.nixpkgs.url = "github:NixOS/nixpkgs/nixos-26.05";

  # Sources are named as ./nix/… and ./toolchain/…, never through `self`, so that a commit elsewhere changes no derivation.
  outputs = _: import ./nix;
}
