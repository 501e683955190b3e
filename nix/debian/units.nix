# Which of Debian's and systemd's units and generators a node does without. Each costs an emulated guest up to seconds.
{
  masked = [
    # A node never upgrades itself, and has no disk but the root.
    "apt-daily.timer"
    "apt-daily-upgrade.timer"
    "dpkg-db-backup.timer"
    "e2scrub_all.timer"
    "e2scrub_reap.service"
    "fstrim.timer"
    # Modules that nothing here uses, or that are built in.
    "modprobe@configfs.service"
    "modprobe@dm_mod.service"
    "modprobe@drm.service"
    "modprobe@efi_pstore.service"
    "modprobe@fuse.service"
    "modprobe@loop.service"
    "sys-kernel-config.mount"
    "sys-kernel-debug.mount"
    "sys-kernel-tracing.mount"
    "sys-fs-fuse-connections.mount"
    # The console is a log: nobody can log in there.
    "getty.target"
    "getty@tty1.service"
    "serial-getty@ttyS0.service"
    "console-getty.service"
    # An image is the same after every update, and knows no first boot.
    "ldconfig.service"
    "systemd-firstboot.service"
    "systemd-hwdb-update.service"
    "systemd-journal-catalog-update.service"
    "systemd-update-done.service"
    "systemd-sysusers.service"
    # Hardware of other machines.
    "systemd-pstore.service"
    "systemd-tpm2-setup-early.service"
    "systemd-tpm2-setup.service"
    "systemd-pcrphase.service"
    "systemd-pcrphase-sysinit.service"
    "systemd-pcrmachine.service"
    "systemd-backlight@.service"
    "systemd-rfkill.socket"
    "systemd-boot-random-seed.service"
    "systemd-boot-update.service"
    "systemd-hibernate-clear.service"
    "systemd-udev-load-credentials.service"
    "systemd-ask-password-console.path"
    "systemd-ask-password-wall.path"
    "systemd-binfmt.service"
    "proc-sys-fs-binfmt_misc.automount"
    "systemd-network-generator.service"
    "systemd-networkd-persistent-storage.service"
    "systemd-sysext.socket"
    "systemd-mountfsd.socket"
    "systemd-nsresourced.socket"
    "systemd-logind.service"
    "nftables.service"
    "wtmpdb-update-boot.service"
    "wtmpdb-rotate.timer"
    # Ours starts without waiting for udev.
    "qemu-guest-agent.service"
  ];

  maskedGenerators = [
    "systemd-bless-boot-generator"
    "systemd-cryptsetup-generator"
    "systemd-debug-generator"
    "systemd-factory-reset-generator"
    "systemd-getty-generator"
    "systemd-gpt-auto-generator"
    "systemd-hibernate-resume-generator"
    "systemd-import-generator"
    "systemd-integritysetup-generator"
    "systemd-rc-local-generator"
    "systemd-ssh-generator"
    "systemd-system-update-generator"
    "systemd-sysv-generator"
    "systemd-tpm2-generator"
    "systemd-veritysetup-generator"
  ];

  # Unit -> target that wants it.
  enabled = {
    "systemd-networkd.service" = "multi-user.target";
    "systemd-networkd.socket" = "sockets.target";
    "systemd-networkd-wait-online.service" = "network-online.target";
    "systemd-resolved.service" = "sysinit.target";
    "ssh.service" = "multi-user.target";
  };
}
