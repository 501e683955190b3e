# The directory of the image contract for a NixOS configuration, by the same scripts as every flavour: make-disk.sh puts
# tar archives on an ext4 root, make-image.sh writes image.json.
{
  config,
  lib,
  pkgs,
}:
let
  cfg = config.services.replikube;
  facts = config.system.build.nodeFacts;
  inherit (config.system.build) toplevel;

  # The scripts call `$tools/bin/run PATH-IN-A-DEBIAN-TREE`; here the programs come from nixpkgs.
  tools = pkgs.runCommand "disk-tools" { } ''
    mkdir -p $out/bin $out/root/etc
    cp $(find ${pkgs.e2fsprogs} ${lib.getBin pkgs.e2fsprogs} -name mke2fs.conf | head -n 1) $out/root/etc/mke2fs.conf
    cat >$out/bin/run <<'RUN'
    #!${pkgs.runtimeShell}
    program=''${1##*/}; shift
    PATH=${
      lib.makeBinPath [
        pkgs.e2fsprogs
        pkgs.qemu-utils
      ]
    } exec "$program" "$@"
    RUN
    chmod +x $out/bin/run
  '';

  # One of the shared scripts, in the sandbox and as nobody special: fakeroot stands in for root, as the archives must hold
  # root's files.
  run =
    {
      name,
      script,
      env,
      keepReferences ? false,
    }:
    pkgs.stdenvNoCC.mkDerivation {
      inherit name;
      __structuredAttrs = true;
      # A disk is self-contained; the store paths that are spelt in it must not keep their originals alive.
      unsafeDiscardReferences.out = !keepReferences;
      env = env // {
        LC_ALL = "C.UTF-8";
        TZ = "UTC";
        SOURCE_DATE_EPOCH = "1";
      };
      nativeBuildInputs = [ pkgs.fakeroot ];
      buildCommand = ''
        export out="''${outputs[out]}"
        fakeroot ${pkgs.runtimeShell} -euo pipefail ${script}
      '';
    };

  closure = pkgs.closureInfo { rootPaths = [ toplevel ]; };

  # The store and the directories that must be there before anything is mounted; all else is made at boot.
  store = run {
    name = "replikube-node-store.tar";
    script = ./make-store-archive.sh;
    env = {
      storePaths = "${closure}/store-paths";
      deterministicTar = "${pkgs.gnutar}/bin/tar";
    };
  };

  disk = run {
    name = "replikube-node-disk";
    script = ../disk/make-disk.sh;
    env = {
      archives = "${store} ${cfg.containerImages.state}/state.tar";
      tools = "${tools}";
      spareMiB = "64";
      uuid = "9d7f3b52-6a4e-4c1b-8a57-0f6f2f8c7b10";
    };
  };

  # Real files under the names of the contract: nixpkgs' kernel is bzImage or Image, its initrd a link.
  bootFiles = pkgs.runCommand "replikube-node-boot-files" { } ''
    install -D -m 444 ${config.boot.kernelPackages.kernel}/${config.system.boot.loader.kernelFile} $out/vmlinuz
    install -D -m 444 ${config.system.build.initialRamdisk}/${config.system.boot.loader.initrdFile} $out/initrd
  '';

  # What kubeadm asks for must be what the facts name: only a built kubeadm can tell.
  factsChecked = pkgs.runCommand "facts-checked" { nativeBuildInputs = [ pkgs.jq ]; } ''
    kubeadm=${cfg.kubernetes.package}/bin/kubeadm facts=${factsFile} images=${cfg.containerImages.state}/images.json
    source ${./check-facts.sh}
    touch $out
  '';
  factsFile = pkgs.writeText "facts.json" (builtins.toJSON facts);

  packages = map (package: {
    name = lib.getName package;
    version = lib.getVersion package;
  }) (lib.filter lib.isDerivation config.environment.systemPackages);
in
(run {
  name = "node-image-nixos";
  script = ../image/make-image.sh;
  env = {
    disk = "${disk}";
    kernel = "${bootFiles}";
    initrd = "${bootFiles}";
    checks = "${factsChecked}";
    containerImages = "${cfg.containerImages.state}/images.json";
    factsPath = "${factsFile}";
    packagesPath = "${pkgs.writeText "packages.json" (
      builtins.toJSON (lib.sort (a: b: a.name < b.name) (lib.unique packages))
    )}";
  };
}).overrideAttrs
  {
    passthru = {
      inherit
        config
        disk
        facts
        bootFiles
        store
        ;
      containerdState = cfg.containerImages.state;
      uki = import ./uki.nix {
        inherit
          config
          lib
          pkgs
          disk
          facts
          ;
      };
    };
  }
