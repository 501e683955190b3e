# The same root for hosts that boot by UEFI only: a GPT disk with an ESP that holds one unified kernel image, and the root
# partition copied block by block. No bootloader, no second file on the ESP: the order of files there is not stable below
# systemd 261.
{
  config,
  lib,
  pkgs,
  disk,
  facts,
}:
let
  inherit (pkgs.stdenv.hostPlatform) efiArch;

  # A file system as make-disk.sh left it, without the qcow2 around it.
  rawRoot =
    pkgs.runCommand "replikube-node-root.raw"
      {
        nativeBuildInputs = [ pkgs.qemu-utils ];
        __structuredAttrs = true;
        unsafeDiscardReferences.out = true;
      }
      ''
        qemu-img convert -f qcow2 -O raw ${disk}/disk.qcow2 $out
      '';

  # Another initrd and the same system: here the partition has to grow before the file system can.
  variant = config.system.build.extendImage [
    (
      { config, modulesPath, ... }:
      {
        imports = [ (modulesPath + "/image/repart.nix") ];

        boot.initrd.systemd.repart.enable = true;
        systemd.repart.partitions."20-root" = {
          Type = "root";
        };
        boot.uki.settings.UKI.Cmdline = lib.mkForce facts.boot.commandLine;

        image.repart = {
          name = "replikube-node-uki";
          seed = "6d1b6a0e-3a3a-4c38-9c0f-6a4c3f6f5b52";
          mkfsOptions.vfat = [ "-i 52504b55" ];
          partitions = {
            "10-esp" = {
              contents."/EFI/BOOT/BOOT${lib.toUpper efiArch}.EFI".source =
                "${config.system.build.uki}/${config.system.boot.loader.ukiFile}";
              repartConfig = {
                Type = "esp";
                Format = "vfat";
                SizeMinBytes = "160M";
              };
            };
            "20-root".repartConfig = {
              Type = "root";
              Label = "root";
              CopyBlocks = "${rawRoot}";
            };
          };
        };
      }
    )
  ];

  ukiFacts = facts // {
    boot = {
      mode = "uefi";
      disk = "disk.qcow2";
      inherit (facts.boot) commandLine;
    };
  };
in
pkgs.runCommand "node-image-nixos-uki"
  {
    nativeBuildInputs = [
      pkgs.jq
      pkgs.qemu-utils
    ];
    __structuredAttrs = true;
    unsafeDiscardReferences.out = true;
    passthru = {
      facts = ukiFacts;
      inherit (variant) config;
    };
  }
  ''
    mkdir -p "$out"
    qemu-img convert -f raw -O qcow2 ${variant.config.system.build.image}/${variant.config.image.filePath} "$out/disk.qcow2"
    jq --null-input --compact-output --arg digest "sha256:$(sha256sum "$out/disk.qcow2" | cut -d' ' -f1)" \
      --slurpfile facts ${pkgs.writeText "facts.json" (builtins.toJSON ukiFacts)} \
      --slurpfile images ${config.services.replikube.containerImages.state}/images.json \
      '{schema: 1, facts: $facts[0], digests: {"disk.qcow2": $digest}, containerImages: $images[0], packages: []}' >"$out/image.json"
  ''
