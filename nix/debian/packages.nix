# The packages of packages.lock: each file is fetched by SHA-256 from the mirror the machine is set up with.
{ runScript }:

let
  lock = builtins.fromJSON (builtins.readFile ./packages.lock);

  storeName = builtins.replaceStrings [ "~" ":" "%" ] [ "-" "-" "-" ];

  fetch =
    package:
    {
      version,
      path,
      sha256,
    }:
    runScript.run {
      name = storeName "${package}_${version}.deb";
      script = ./fetch-package.sh;
      mirrorsScript = ./mirrors.sh;
      inherit
        package
        version
        path
        sha256
        ;
      outputHashMode = "flat";
      outputHashAlgo = "sha256";
      outputHash = sha256;
      impureEnvVars = runScript.networkVariables ++ [ "REPLIKUBE_DEBIAN_MIRROR" ];
    };

  files = builtins.mapAttrs fetch lock.packages;
in
{
  inherit lock;

  # Every locked package by name, as a .deb.
  inherit files;

  # The .debs of a set, its dependencies included.
  set = name: map (package: files.${package}) lock.sets.${name};

  # [{ name, version }] of a set, for image.json.
  versions =
    name:
    map (package: {
      name = package;
      inherit (lock.packages.${package}) version;
    }) lock.sets.${name};

  # Name of the one package of a set that matches a regular expression.
  match =
    set: expression:
    let
      found = builtins.filter (package: builtins.match expression package != null) lock.sets.${set};
    in
    if builtins.length found == 1 then
      builtins.head found
    else
      throw "packages.lock: expected one package like ${expression} in set ${set}, got ${toString (builtins.length found)}; run ./lab lock-image";

  # A plain tree of unpacked packages, without running anything of them. Programs start by `bin/run PROGRAM ARGUMENTS`.
  tree =
    { name, packages }:
    runScript.run {
      inherit name;
      script = ./unpack-tree.sh;
      debs = map (package: files.${package}) packages;
    };
}
