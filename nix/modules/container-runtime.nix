# containerd, with unit and configuration from nix/node. Its state, with all container images in it, comes with the disk.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  inherit (cfg.containerRuntime) package;
  node = import ../nixos/node-definition.nix;
  unit = node.containerdUnit;
  toml = pkgs.formats.toml { };
  single = values: if builtins.length values == 1 then builtins.head values else values;

  settings = lib.recursiveUpdate (node.containerdConfiguration {
    inherit (cfg.containerImages) pauseImage;
    runc = lib.getExe cfg.containerRuntime.runc;
  }) cfg.containerRuntime.settings;

  file = toml.generate "containerd-config.toml" settings;
  # A misspelt key fails the build, not the boot.
  checkedFile = pkgs.runCommand "containerd-config-checked.toml" { } ''
    ${package}/bin/containerd --config ${file} config dump >/dev/null
    cp ${file} $out
  '';

  cni = settings.plugins."io.containerd.cri.v1.runtime".cni or { };
  binaryDirectories = (cni.bin_dirs or [ ]) ++ lib.optional (cni ? bin_dir) cni.bin_dir;
  inStore = builtins.filter (lib.hasPrefix builtins.storeDir) binaryDirectories;
in
{
  options.services.replikube.containerRuntime = {
    package = lib.mkPackageOption pkgs "containerd" {
      extraDescription = ''
        The tool that writes its state into the image is built from the same sources.
      '';
    };

    runc = lib.mkPackageOption pkgs "runc" { };

    settings = lib.mkOption {
      inherit (toml) type;
      default = { };
      example = {
        plugins."io.containerd.cri.v1.runtime".max_container_log_line_size = 32768;
      };
      description = ''
        Settings laid by key over containerd's configuration of every node (`nix/node`). containerd reads the result while
        the image is built.
      '';
    };
  };

  options.services.replikube.containerRuntime.rendered = lib.mkOption {
    type = lib.types.raw;
    internal = true;
    readOnly = true;
    description = "containerd's configuration as values: that of every node with `settings` laid over it.";
  };

  config = lib.mkIf cfg.enable {
    services.replikube.containerRuntime.rendered = settings;

    assertions = [
      {
        assertion = lib.versions.major package.version == node.containerdMajor;
        message = ''
          services.replikube.containerRuntime.package is containerd ${package.version}, but nix/node's configuration is for
          containerd ${node.containerdMajor}. Take a containerd ${node.containerdMajor}, or move nix/node and toolchain/preload to the other version.
        '';
      }
      {
        assertion = inStore == [ ];
        message = ''
          services.replikube.containerRuntime.settings: the CNI directory ${toString inStore} lies in the store, where no CNI can
          put its plugin. Leave it at /opt/cni/bin; plugins from packages are linked there by services.replikube.cni.plugins.
        '';
      }
      {
        assertion = !config.virtualisation.containerd.enable;
        message = ''
          virtualisation.containerd.enable would be a second containerd. Remove it; containerd's settings belong into
          services.replikube.containerRuntime.settings.
        '';
      }
    ];

    environment.systemPackages = [ package ];
    environment.etc."containerd/config.toml".source = checkedFile;

    systemd.services.containerd = {
      wantedBy = unit.Install.WantedBy;
      # The shim is found on PATH; CNI plugins, which containerd runs, call the others.
      path = [
        package
        pkgs.iproute2
        pkgs.iptables
        pkgs.kmod
        pkgs.nftables
      ];
      restartTriggers = [ checkedFile ];
      unitConfig = lib.mapAttrs (_: single) unit.Unit;
      serviceConfig = lib.mapAttrs (_: single) unit.Service // {
        ExecStart = map (builtins.replaceStrings
          [ "/usr/bin/containerd" ]
          [ "${package}/bin/containerd" ]
        ) unit.Service.ExecStart;
      };
    };
  };
}
