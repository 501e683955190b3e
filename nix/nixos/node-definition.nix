# nix/node as NixOS needs it: the same files, read into values, with store paths where they name programs. Needs no
# nixpkgs, so that the comparison of the flavours can evaluate it anywhere.
let
  unitFile = import ./unit-file.nix;
  # No image of a version is asked for here: NixOS names its images after its own packages.
  node = import ../node { kubernetesVersion = "v0.0.0"; };

  lines =
    file:
    builtins.filter (line: builtins.isString line && line != "" && builtins.match "#.*" line == null) (
      builtins.split "\n" (builtins.readFile file)
    );

  sysctl =
    line:
    let
      words = builtins.match "([^ =]+) *= *(.*)" line;
      value = builtins.elemAt words 1;
    in
    {
      name = builtins.head words;
      value = if builtins.match "[0-9]+" value != null then builtins.fromJSON value else value;
    };

  # In every string of a value. (fromTOML takes no text that names store paths.)
  replaceIn =
    replacements: value:
    if builtins.isString value then
      replacements.${value} or value
    else if builtins.isAttrs value then
      builtins.mapAttrs (_: replaceIn replacements) value
    else if builtins.isList value then
      map (replaceIn replacements) value
    else
      value;

  tagOf = image: builtins.elemAt (builtins.match ".*:([^:/]+)" image) 0;
in
{
  inherit (node)
    criSocket
    directories
    imageRepository
    nodeNameTemplate
    ;

  kernelModules = lines node.kernelModules;
  sysctls = builtins.listToAttrs (map sysctl (lines node.sysctl));
  kubeletUnit = unitFile.parse (builtins.readFile node.kubeletUnit);
  containerdUnit = unitFile.parse (builtins.readFile node.containerdUnit);
  crictlConfiguration = builtins.readFile node.crictlConfig;

  # Configuration of systemd's own services, which both flavours run.
  networkd = ../debian/files/networkd.conf;
  resolved = ../debian/files/resolved.conf;
  journald = ../debian/files/journald.conf;
  tmpfiles = ../debian/files/tmpfiles.conf;
  makeHostKey = ../debian/files/make-host-key;
  nodeLink = unitFile.parse (builtins.readFile ../debian/files/10-node.network);
  cniLinks = unitFile.parse (builtins.readFile ../debian/files/05-cni.network);

  containerdConfiguration =
    { pauseImage, runc }:
    replaceIn {
      ${node.containerImages.pause} = pauseImage;
      "/usr/sbin/runc" = runc;
    } (builtins.fromTOML node.containerdConfig);

  flannelManifest =
    flannelImage:
    builtins.replaceStrings [ node.containerImages.flannel ] [ flannelImage ] node.cniManifest;

  cniBinaryDirectory = "/opt/cni/bin";

  # Names without the tag: the tag follows the package.
  imageNames = builtins.mapAttrs (
    _: image: builtins.head (builtins.match "(.*):[^:/]+" image)
  ) node.containerImages;

  # kubeadm's default is a constant in its source that no package version tells; the image build holds it against kubeadm.
  pauseTag = tagOf node.containerImages.pause;

  kubeadmApiVersion = "kubeadm.k8s.io/v1beta4";
  # nix/node's containerd configuration has version 3, which only containerd 2 reads.
  containerdMajor = "2";
  # The first kubeadm that reads kubeadmApiVersion, which the program writes.
  oldestKubernetes = "1.31.0";
}
