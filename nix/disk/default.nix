# The one maker of root disks, for every flavour: tar archives in, disk.qcow2 out.
{ runScript, packages }:

let
  tools = packages.tree {
    name = "disk-tools";
    packages = packages.lock.sets.tools;
  };
in
{
  inherit tools;

  # archives: later ones lie over earlier ones. The file system has about an eighth of its content and spareMiB free; a
  # machine's volume is larger, and the guest grows into it at boot.
  make =
    {
      name,
      archives,
      spareMiB ? 64,
    }:
    runScript.run {
      inherit
        name
        archives
        tools
        spareMiB
        ;
      script = ./make-disk.sh;
      uuid = "9d7f3b52-6a4e-4c1b-8a57-0f6f2f8c7b10";
    };
}
