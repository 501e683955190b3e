# What an experiment adds to the image: packages, and units as plain text, the same text that the debian flavour takes.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.replikube;
  unitFile = import ../nixos/unit-file.nix;
  owned = [
    "kubelet.service"
    "containerd.service"
    "sshd.service"
    "qemu-guest-agent.service"
  ];
  taken = builtins.filter (name: cfg.units ? ${name}) owned;
  badNames = builtins.filter (
    name: builtins.match "[A-Za-z0-9@:_.-]+\\.(service|socket|target|timer|path|mount)" name == null
  ) (builtins.attrNames cfg.units);
in
{
  options.services.replikube = {
    extraPackages = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      example = lib.literalExpression "[ pkgs.tcpdump pkgs.fio ]";
      description = "Packages on every node's PATH.";
    };

    units = lib.mkOption {
      type = lib.types.attrsOf lib.types.lines;
      default = { };
      example = lib.literalExpression ''
        {
          "sampler.service" = '''
            [Unit]
            Description=Samples the load once a second
            [Service]
            ExecStart=''${pkgs.sysstat}/bin/sar -o /var/log/sar 1
            [Install]
            WantedBy=multi-user.target
          ''';
        }
      '';
      description = ''
        systemd units by file name, as text; `WantedBy` and `RequiredBy` under `[Install]` are followed. A unit whose keys
        should be checked and merged is better written as `systemd.services.<name>`.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = taken == [ ];
        message = ''
          services.replikube.units: ${lib.concatStringsSep ", " taken} belongs to the node itself.
          Change single keys of it with systemd.services.<name>.serviceConfig (lib.mkForce), or give your unit another name.
        '';
      }
      {
        assertion = badNames == [ ];
        message = ''
          services.replikube.units: "${lib.concatStringsSep "\", \"" badNames}" is no unit file name.
          Name the unit with its kind, like sampler.service or sampler.timer.
        '';
      }
    ];

    environment.systemPackages = cfg.extraPackages;

    systemd.units = lib.mapAttrs (
      _: text:
      let
        install = (unitFile.parse text).Install or { };
        names = key: lib.concatMap (lib.splitString " ") (install.${key} or [ ]);
      in
      {
        inherit text;
        wantedBy = names "WantedBy";
        requiredBy = names "RequiredBy";
      }
    ) cfg.units;
  };
}
