# Checks that need nixpkgs. `assertions` and `flavours` fail while they are evaluated, so that they need no builder;
# the others build.
{
  mkNodeImage,
  node,
  system,
  pkgs,
}:
let
  inherit (pkgs) lib;
  files = lib.fileset.toSource {
    root = ../..;
    fileset = lib.fileset.fileFilter (file: file.hasExt "nix") ../..;
  };
  overFiles =
    name: package: command:
    pkgs.runCommand "replikube-${name}" { nativeBuildInputs = [ package ]; } ''
      cd ${files}
      ${command}
      touch $out
    '';
  image = mkNodeImage { inherit system; };
in
{
  assertions = import ./assertions.nix {
    inherit
      lib
      mkNodeImage
      pkgs
      system
      ;
  };
  flavours = import ./flavours.nix { inherit image lib pkgs; };

  units = pkgs.runCommand "replikube-units" { nativeBuildInputs = [ pkgs.systemd ]; } ''
    for unit in kubelet containerd replikube-cni-plugins; do
      systemd-analyze verify --man=no --recursive-errors=no ${image.config.system.build.toplevel}/etc/systemd/system/$unit.service
    done
    touch $out
  '';

  kubeadm = import ./kubeadm.nix { inherit node pkgs; };

  # cli/nix-checks.ts does the same where there is no nixpkgs.
  formatting = overFiles "formatting" pkgs.nixfmt "find . -name '*.nix' -exec nixfmt --check {} +";
  dead-code = overFiles "dead-code" pkgs.deadnix "deadnix --fail .";
  lint = overFiles "lint" pkgs.statix "statix check .";
}
