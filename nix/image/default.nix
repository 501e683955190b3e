# The directory of the image contract, for every flavour: boot files and image.json.
{ runScript }:

{
  # facts: shape of plan/image-facts.ts. disk, kernel, initrd: derivations with disk.qcow2, vmlinuz, initrd.
  # containerImages: derivation or file with a JSON list of { name, digest }. packages: list of { name, version }.
  # checks: derivations that fail where the facts are wrong; nothing else of them is used.
  make =
    {
      name,
      facts,
      disk,
      kernel,
      initrd,
      containerImages ? builtins.toFile "container-images.json" "[]",
      packages ? [ ],
      checks ? [ ],
    }:
    runScript.run {
      inherit
        name
        disk
        kernel
        initrd
        containerImages
        checks
        ;
      script = ./make-image.sh;
      facts = builtins.toJSON facts;
      packages = builtins.toJSON packages;
      passAsFile = [
        "facts"
        "packages"
      ];
    };
}
