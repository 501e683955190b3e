# How the outside reaches a machine: SSH with keys only, the guest agent, and systemd credentials by SMBIOS.
{
  config,
  lib,
  pkgs,
  ...
}:
let
  cfg = config.services.replikube;
  node = import ../nixos/node-definition.nix;
  isPublicKey = key: builtins.match "(ssh|ecdsa|sk)-[^ ]+ [A-Za-z0-9+/=]+( .*)?" key != null;
  wrongKeys = builtins.filter (key: !isPublicKey key) cfg.debug.authorizedKeys;
in
{
  options.services.replikube.debug.authorizedKeys = lib.mkOption {
    type = lib.types.listOf lib.types.singleLineStr;
    default = [ ];
    example = [ "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAA… you@host" ];
    description = ''
      Public keys that may log in as root on every machine made from the image, besides the stack's own key, which comes
      by the credential `ssh.authorized_keys.root`. For debugging: whoever holds such a key reaches every experiment.
    '';
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = wrongKeys == [ ];
        message = ''
          services.replikube.debug.authorizedKeys: ${toString (builtins.length wrongKeys)} of its entries are not public keys.
          Put in the one line of a file that ends in .pub; never a private key, the image is readable by everybody.
        '';
      }
    ];

    services.openssh = {
      enable = true;
      settings = {
        PermitRootLogin = "prohibit-password";
        PasswordAuthentication = false;
        KbdInteractiveAuthentication = false;
        UseDns = false;
        X11Forwarding = false;
        # The program opens many connections at once when it brings up a cluster.
        MaxStartups = "100";
        MaxSessions = 100;
      };
      # Made at first boot; the only kind, so that the key read through the guest agent is the key that SSH shows.
      hostKeys = [
        {
          path = "/etc/ssh/ssh_host_ed25519_key";
          type = "ed25519";
        }
      ];
    };
    # By the same script as in the debian flavour. NixOS' own asks for the private key alone, and writes it first: a machine
    # killed between the two would never have a public key, and the hypervisor would wait for it.
    systemd.services.sshd-keygen = {
      unitConfig.ConditionFileNotEmpty = lib.mkForce "|!/etc/ssh/ssh_host_ed25519_key.pub";
      serviceConfig.ExecStart = lib.mkForce "${pkgs.runtimeShell} ${node.makeHostKey}";
    };
    services.qemuGuest.enable = true;

    users.users.root.openssh.authorizedKeys.keys = cfg.debug.authorizedKeys;
    # Root's key comes as a credential, at run time.
    users.allowNoPasswordLogin = true;

    # PID 1 reads SMBIOS credentials from sysfs when it starts, in the initrd and again after it: the module must be there
    # before the first of the two.
    boot.initrd.availableKernelModules = [ "dmi_sysfs" ];
    boot.initrd.kernelModules = [ "dmi_sysfs" ];
  };
}
