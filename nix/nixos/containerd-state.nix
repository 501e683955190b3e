# containerd's state with container images unpacked in it, by toolchain/preload, which here is built inside the sources of
# the very containerd that will read it: the same libraries, already vendored, nothing to fetch or to pin.
{
  pkgs,
  containerd,
  images,
}:
let
  preload = pkgs.buildGoModule {
    pname = "replikube-preload";
    inherit (containerd) version src;
    vendorHash = null;
    postPatch = "install -D -m 644 ${../../toolchain/preload/main.go} cmd/replikube-preload/main.go";
    subPackages = [ "cmd/replikube-preload" ];
    env.CGO_ENABLED = 0;
    tags = [
      "no_btrfs"
      "no_devmapper"
      "no_zfs"
    ];
    doCheck = false;
  };
in
pkgs.runCommand "replikube-containerd-state"
  {
    nativeBuildInputs = [ preload ];
    passthru = { inherit preload; };
    __structuredAttrs = true;
    archives = map toString images;
    # Layers hold store paths of their own; the state is complete without the originals.
    unsafeDiscardReferences.out = true;
  }
  ''
    mkdir -p "$out" root/var/lib
    replikube-preload root/var/lib/containerd "''${archives[@]}" >"$out/images.json"
    tar --create --file "$out/state.tar" --directory root --sort=name --numeric-owner --owner=0 --group=0 \
      --format=posix --pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime --mtime=@1 .
  ''
