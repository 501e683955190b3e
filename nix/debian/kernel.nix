# Debian's cloud kernel, unpacked: $out/vmlinuz and $out/modules/<version>/ with modules.dep.
{ runScript, packages }:

let
  package = packages.match "kernel" "linux-image-[0-9].*-cloud-amd64";
in
runScript.run {
  name = package;
  script = ./unpack-kernel.sh;
  deb = packages.files.${package};
}
