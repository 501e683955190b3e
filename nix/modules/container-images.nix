# The container images in the node image: the control plane's, the CNI's and what the experiment adds, each made from a
# package of the same nixpkgs and named after its version.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  node = import ../nixos/node-definition.nix;
  images = import ../nixos/container-images.nix { inherit config lib pkgs; };
  nameOf = image: "${image.imageName}:${image.imageTag}";
  nameless = builtins.filter (
    image: !(image ? imageName && image ? imageTag)
  ) cfg.containerImages.extra;
  all = map nameOf cfg.containerImages.all;
  twice = lib.unique (builtins.filter (name: lib.count (other: other == name) all > 1) all);
in
{
  options.services.replikube.containerImages = {
    etcd = lib.mkPackageOption pkgs "etcd" { };
    coredns = lib.mkPackageOption pkgs "coredns" { };

    pauseTag = lib.mkOption {
      type = lib.types.strMatching "[A-Za-z0-9_.-]+";
      default = node.pauseTag;
      example = "3.10.1";
      description = ''
        Tag of the sandbox image, as kubeadm names it (`kubeadm config images list`). The image build fails when kubeadm
        names another one, and says which.
      '';
    };

    extra = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      default = [ ];
      example = lib.literalExpression ''
        [
          (pkgs.dockerTools.buildImage {
            name = "lab.invalid/sampler";
            tag = "1";
            copyToRoot = pkgs.sampler;
            config.Entrypoint = [ "/bin/sampler" ];
          })
        ]
      '';
      description = ''
        Images of `dockerTools.buildImage`, which have one layer; all of their files belong to root. They are unpacked and
        pinned like the others, so pods that use them need `imagePullPolicy: Never` or `IfNotPresent`.
      '';
    };

    pauseImage = lib.mkOption {
      type = lib.types.str;
      internal = true;
      readOnly = true;
      description = "Name of the sandbox image.";
    };

    flannelImage = lib.mkOption {
      type = lib.types.str;
      internal = true;
      readOnly = true;
      description = "Name of flannel's image.";
    };

    etcdTag = lib.mkOption {
      type = lib.types.str;
      internal = true;
      readOnly = true;
      description = "Tag of etcd's image, for kubeadm.";
    };

    corednsTag = lib.mkOption {
      type = lib.types.str;
      internal = true;
      readOnly = true;
      description = "Tag of CoreDNS' image, for kubeadm.";
    };

    all = lib.mkOption {
      type = lib.types.listOf lib.types.package;
      internal = true;
      readOnly = true;
      description = "All images, in the order in which they are written into containerd's state.";
    };

    state = lib.mkOption {
      type = lib.types.package;
      internal = true;
      readOnly = true;
      description = "containerd's state: state.tar, and images.json with the digests.";
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = nameless == [ ];
        message = ''
          services.replikube.containerImages.extra: ${
            lib.concatMapStringsSep ", " lib.getName nameless
          } has no image name and tag. Build it with pkgs.dockerTools.buildImage { name, tag, … }.
        '';
      }
      {
        assertion = nameless != [ ] || twice == [ ];
        message = ''
          services.replikube.containerImages.extra: ${lib.concatStringsSep ", " twice} is there twice. Give one of the images
          another name or tag; the node's own are changed with services.replikube.kubernetes.package and its like.
        '';
      }
    ];

    services.replikube.containerImages = {
      pauseImage = nameOf images.pause;
      flannelImage = nameOf images.flannel;
      etcdTag = images.etcd.imageTag;
      corednsTag = images.coredns.imageTag;
      all = images.all ++ cfg.containerImages.extra;
      state = import ../nixos/containerd-state.nix {
        inherit pkgs;
        containerd = cfg.containerRuntime.package;
        images = cfg.containerImages.all;
      };
    };
  };
}
