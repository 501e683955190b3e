# The initrd of every flavour that boots with a kernel of its own.
{
  runScript,
  packages,
  kernel,
  disk,
}:

{
  # modules: kernel modules in the order they are loaded, dependencies first.
  make =
    { name, modules }:
    runScript.run {
      inherit name kernel modules;
      script = ./make-initrd.sh;
      init = ./init.sh;
      inherit (disk) tools;
      busybox = packages.tree {
        name = "busybox";
        packages = [ "busybox-static" ];
      };
    };
}
