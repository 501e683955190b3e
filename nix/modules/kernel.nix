# The kernel: which one, its modules, its parameters and sysctls.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  node = import ../nixos/node-definition.nix;
  required = lib.filterAttrs (name: _: cfg.sysctls ? ${name}) node.sysctls;
  isOff =
    name:
    builtins.elem cfg.sysctls.${name} [
      0
      "0"
      false
    ];
  turnedOff = builtins.filter (name: toString node.sysctls.${name} == "1" && isOff name) (
    builtins.attrNames required
  );
in
{
  options.services.replikube = {
    kernel = {
      packages = lib.mkOption {
        type = lib.types.raw;
        default = pkgs.linuxPackages;
        defaultText = lib.literalExpression "pkgs.linuxPackages";
        example = lib.literalExpression "pkgs.linuxPackages_latest";
        description = "Kernel and its modules, as for `boot.kernelPackages`.";
      };

      modules = lib.mkOption {
        type = lib.types.listOf lib.types.str;
        default = [ ];
        example = [ "wireguard" ];
        description = "Kernel modules that are loaded at boot, besides those that every node loads.";
      };

      parameters = lib.mkOption {
        type = lib.types.listOf lib.types.nonEmptyStr;
        default = [ ];
        example = [ "transparent_hugepage=never" ];
        description = "Words on the kernel command line, besides those of every node. They show in the image facts.";
      };
    };

    sysctls = lib.mkOption {
      type = lib.types.attrsOf (
        lib.types.oneOf [
          lib.types.int
          lib.types.str
          lib.types.bool
        ]
      );
      default = { };
      example = {
        "net.core.somaxconn" = 4096;
      };
      description = "Kernel settings, over those of every node.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = turnedOff == [ ];
        message = ''
          services.replikube.sysctls turns off ${lib.concatStringsSep ", " turnedOff}, without which pods reach nothing and
          kubeadm refuses to start. Remove the entry.
        '';
      }
    ];

    boot = {
      kernelPackages = cfg.kernel.packages;
      kernelModules = node.kernelModules ++ cfg.kernel.modules;
      kernelParams = cfg.kernel.parameters;
      # NixOS has defaults of its own for some of these.
      kernel.sysctl = lib.mapAttrs (_: lib.mkOverride 900) node.sysctls // cfg.sysctls;
    };
  };
}
