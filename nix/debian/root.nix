# A Debian root of a set of locked packages: $out/root.tar.
{ runScript, packages }:

{
  # names: locked packages, with all they depend on.
  make =
    { name, names }:
    runScript.run {
      inherit name names;
      script = ./make-root.sh;
      inherit (packages.lock) suite;
      debs = map (package: packages.files.${package}) names;
    };
}
