# What ./lab looks for on PATH before it builds or downloads anything, and the tools for this repository's Nix files.
{ pkgs }:
pkgs.mkShellNoCC {
  packages = [
    pkgs.nodejs_24
    (pkgs.pulumi.withPackages (plugins: [ plugins.pulumi-nodejs ]))
    pkgs.libvirt
    pkgs.qemu
    pkgs.dnsmasq
    pkgs.kubectl
    pkgs.openssh
    pkgs.nixfmt
    pkgs.deadnix
    pkgs.statix
  ];
}
