# The tiny flavour: the contract of the other images with busybox in systemd's place and a stand-in in Kubernetes' place, so
# that it boots in seconds where guests are emulated. docs/decisions/0020-tiny-image.md says what it proves.
{
  system,
  runScript,
  go,
  packages,
  kernel,
  disk,
  initrd,
  image,
  node,
  ...
}:

let
  lines = builtins.concatStringsSep "\n";
  names = builtins.attrNames;

  tinyNode = go.build {
    name = "tiny-node";
    module = ../../toolchain/tiny-node;
    vendorHash = "sha256-QE/EwVzMqUO24ZAl0WBibGx6x0kNo1AUTZtfnQvX50k=";
    programs.tiny-node = ".";
    linkerFlags = [ "-X main.kubernetesVersion=${node.kubernetesVersion}" ];
  };

  # The programs below, and every library that they name.
  packageNames = [
    "busybox-static"
    "openssh-server"
    "openssh-client"
    "qemu-guest-agent"
    "e2fsprogs"
    "util-linux"
    "libc6"
    "libgcc-s1"
    "libaudit1"
    "libcap-ng0"
    "libcap2"
    "libcom-err2"
    "libcrypt1"
    "libgssapi-krb5-2"
    "libk5crypto3"
    "libkrb5-3"
    "libkrb5support0"
    "libkeyutils1"
    "libpam0g"
    "libselinux1"
    "libpcre2-8-0"
    "libssl3t64"
    "libzstd1"
    "libwrap0"
    "libwtmpdb0"
    "libsqlite3-0"
    "zlib1g"
    "libglib2.0-0t64"
    "libatomic1"
    "libffi8"
    "libmount1"
    "libblkid1"
    "libnuma1"
    "libudev1"
    "liburing2"
    "libext2fs2t64"
    "libuuid1"
  ];
  linkedPrograms = [
    "usr/sbin/sshd"
    "usr/lib/openssh/sshd-session"
    "usr/lib/openssh/sshd-auth"
    "usr/bin/ssh-keygen"
    "usr/sbin/qemu-ga"
    "usr/sbin/resize2fs"
    "usr/bin/flock"
  ];

  program = source: {
    inherit source;
    mode = "0755";
  };
  data = source: {
    inherit source;
    mode = "0644";
  };
  text = name: content: data (builtins.toFile name content);
  # In /usr/lib/replikube, as in the debian flavour.
  ours = builtins.listToAttrs (
    map
      (name: {
        name = "/usr/lib/replikube/${name}";
        value = program (./files + "/${name}");
      })
      [
        "boot"
        "tiny-node"
        "ssh-server"
        "dhcp-client"
        "dhcp-event"
        "stop"
      ]
  );
  standIns = builtins.listToAttrs (
    map
      (name: {
        name = "/usr/bin/${name}";
        value = program (./files + "/${name}");
      })
      [
        "journalctl"
        "systemctl"
        "systemd-analyze"
      ]
  );

  files =
    ours
    // standIns
    // {
      "/usr/bin/tiny-node" = program "${tinyNode}/bin/tiny-node";
      "/usr/lib/replikube/make-host-key" = program ../debian/files/make-host-key;
      "/usr/lib/replikube/guest-agent" = program ../debian/files/guest-agent;
      "/usr/lib/tiny-kubernetes/images" = text "images" (lines facts.containerImages + "\n");
      "/usr/sbin/shutdown" = program ./files/shutdown;
      "/etc/acpi/PWRF/00000080" = program ./files/power-button;
      "/etc/inittab" = data ./files/inittab;
      "/etc/passwd" = data ./files/passwd;
      "/etc/group" = data ./files/group;
      "/etc/shadow" = {
        source = ./files/shadow;
        mode = "0600";
      };
      "/etc/hosts" = data ./files/hosts;
      "/etc/sysctl.conf" = data node.sysctl;
      # Empty until the first boot.
      "/etc/machine-id" = text "machine-id" "";
      "/etc/ssh/sshd_config" = data ./files/sshd_config;
      "/etc/ssh/sshd_config.d/replikube.conf" = data ../debian/files/sshd.conf;
    };

  links = {
    "/etc/resolv.conf" = "../run/resolv.conf";
    "/etc/mtab" = "../proc/self/mounts";
  }
  // builtins.listToAttrs (
    map
      (name: {
        name = "/usr/bin/${name}";
        value = "tiny-node";
      })
      [
        "kubeadm"
        "kubectl"
        "kubelet"
        "crictl"
        "ctr"
      ]
  );

  root = runScript.run {
    name = "tiny-root";
    script = ./make-root.sh;
    unpacked = packages.tree {
      name = "tiny-packages";
      packages = packageNames;
    };
    inherit linkedPrograms;
    files =
      lines (map (path: "${files.${path}.mode}\t${files.${path}.source}\t${path}") (names files)) + "\n";
    links = lines (map (path: "${links.${path}}\t${path}") (names links)) + "\n";
    directories = lines (node.directories ++ [ "/var/lib/tiny-kubernetes" ]) + "\n";
    passAsFile = [
      "files"
      "links"
      "directories"
    ];
  };

  rootDisk = disk.make {
    name = "disk-tiny";
    archives = [ "${root}/root.tar" ];
  };

  initrdOfNode = initrd.make {
    name = "initrd-tiny";
    # Without udev, the power button needs its modules here too.
    modules = [
      "virtio_blk"
      "failover"
      "net_failover"
      "virtio_net"
      "virtio-rng"
      "button"
      "evdev"
    ];
  };

  factsChecked = runScript.run {
    name = "tiny-facts-checked";
    script = ./check-facts.sh;
    inherit tinyNode root;
    inherit (facts) kubernetesVersion containerImages;
  };

  facts = import ../node/facts.nix {
    inherit system node;
    flavour = "tiny";
    # By name only: nothing runs in it. It is what the proofs of a ready cluster ask for.
    containerImages = [ node.containerImages.busybox ];
  };
in
{
  inherit facts root tinyNode;
  disk = rootDisk;
  initrd = initrdOfNode;
  image = image.make {
    name = "node-image-tiny";
    inherit facts kernel;
    disk = rootDisk;
    initrd = initrdOfNode;
    packages = map (package: {
      name = package;
      inherit (packages.lock.packages.${package}) version;
    }) packageNames;
    checks = [ factsChecked ];
  };
}
