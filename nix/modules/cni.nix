# The CNI: plugins under /opt/cni/bin, and the manifest that the program applies after `kubeadm init`. No configuration
# lies in the image: the CNI writes its own when it can serve.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  node = import ../nixos/node-definition.nix;
  tmpfilesRules = builtins.filter (line: line != "" && !lib.hasPrefix "#" line) (
    lib.splitString "\n" (builtins.readFile node.tmpfiles)
  );
  etcNames = builtins.attrNames config.environment.etc;
  pluginTree = pkgs.symlinkJoin {
    name = "replikube-cni-plugins";
    paths = map lib.getBin cfg.cni.plugins;
  };
  shadowed = builtins.filter (
    name: name == "cni" || name == "kubernetes" || lib.hasPrefix "cni/net.d" name
  ) etcNames;
in
{
  options.services.replikube.cni = {
    name = lib.mkOption {
      type = lib.types.enum [
        "flannel"
        "none"
      ];
      default = "flannel";
      example = "none";
      description = ''
        The CNI whose container image and manifest the node image carries. With `none` the stack's configuration names a
        manifest, whose images belong into `services.replikube.containerImages.extra`.
      '';
    };

    package = lib.mkPackageOption pkgs "flannel" { };

    plugins = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [
        pkgs.cni-plugins
        pkgs.cni-plugin-flannel
      ];
      defaultText = lib.literalExpression "[ pkgs.cni-plugins pkgs.cni-plugin-flannel ]";
      example = lib.literalExpression "[ pkgs.cni-plugins pkgs.multus-cni ]";
      description = "Packages whose programs are put under ${node.cniBinaryDirectory}, where a CNI may add its own.";
    };

    manifest = lib.mkOption {
      type = lib.types.lines;
      default =
        if cfg.cni.name == "flannel" then node.flannelManifest cfg.containerImages.flannelImage else "";
      defaultText = lib.literalMD "flannel's, from `nix/node`; empty for `none`";
      example = lib.literalExpression "builtins.readFile ./my-cni.yaml";
      description = ''
        Kubernetes objects of the CNI, with the placeholders `@POD_SUBNET@`, `@API_SERVER_HOST@` and `@API_SERVER_PORT@`.
      '';
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = cfg.cni.name != "none" || cfg.cni.manifest == "";
        message = ''
          services.replikube.cni.manifest is set, but services.replikube.cni.name is "none".
          Put the manifest into the stack's configuration (`replikube:cni`), or leave the name at "flannel".
        '';
      }
      {
        assertion = shadowed == [ ];
        message = ''
          environment.etc."${lib.concatStringsSep ''", environment.etc."'' shadowed}" makes a directory read-only that kubeadm or the CNI
          must write. Remove it: a CNI's configuration comes with services.replikube.cni.manifest, kubeadm's with the stack.
        '';
      }
    ];

    # Links made at boot, not a link to a directory in the store: a CNI must be able to add files.
    systemd.tmpfiles.rules =
      map (directory: "d ${directory} 0755 root root -") node.directories ++ tmpfilesRules;
    systemd.services.replikube-cni-plugins = {
      description = "Links to the CNI plugins of the image";
      wantedBy = [ "containerd.service" ];
      before = [ "containerd.service" ];
      unitConfig.RequiresMountsFor = node.cniBinaryDirectory;
      serviceConfig = {
        Type = "oneshot";
        RemainAfterExit = true;
      };
      script = "ln --symbolic --force --target-directory=${node.cniBinaryDirectory} ${pluginTree}/bin/*";
    };
  };
}
