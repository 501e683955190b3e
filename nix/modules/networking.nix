# Network of a machine: one DHCP interface, a firewall with the ports that Kubernetes needs, DNS by resolved, and the host
# name from the credential system.hostname.
{
  config,
  lib,
  ...
}:
let
  cfg = config.services.replikube;
  node = import ../nixos/node-definition.nix;
  single = values: if builtins.length values == 1 then builtins.head values else values;
  placeholders = [
    "{stack}"
    "{role}"
    "{index}"
  ];
  missing = builtins.filter (word: !lib.hasInfix word cfg.hostNameTemplate) placeholders;
in
{
  options.services.replikube = {
    hostNameTemplate = lib.mkOption {
      type = lib.types.strMatching "[a-z0-9{}-]+";
      default = node.nodeNameTemplate;
      example = "{stack}-{role}{index}";
      description = ''
        Rule for the host name, the DHCP entry and the DNS name of every machine. The stack's configuration may override it.
      '';
    };

    networking = {
      match = lib.mkOption {
        type = lib.types.attrsOf lib.types.nonEmptyStr;
        default = lib.mapAttrs (_: lib.concatStringsSep " ") node.nodeLink.Match;
        defaultText = lib.literalExpression ''{ Driver = "virtio_net"; }'';
        example = {
          Name = "eth0";
        };
        description = ''
          What marks the links, in networkd's `[Match]`, that take their address by DHCP from the stack's network.
        '';
      };

      mtu = lib.mkOption {
        type = lib.types.nullOr (lib.types.ints.between 1280 65535);
        default = null;
        example = 9000;
        description = "MTU of these interfaces; null leaves it to DHCP and the driver.";
      };

      allowedTCPPorts = lib.mkOption {
        type = lib.types.listOf lib.types.port;
        default = [ ];
        example = [ 9100 ];
        description = "TCP ports that the firewall opens besides those of Kubernetes and SSH.";
      };

      allowedUDPPorts = lib.mkOption {
        type = lib.types.listOf lib.types.port;
        default = [ ];
        example = [ 51820 ];
        description = "UDP ports that the firewall opens besides those of Kubernetes.";
      };

      nodePorts = lib.mkOption {
        type = lib.types.submodule {
          options = {
            from = lib.mkOption {
              type = lib.types.port;
              default = 30000;
              description = "First port.";
            };
            to = lib.mkOption {
              type = lib.types.port;
              default = 32767;
              description = "Last port.";
            };
          };
        };
        default = { };
        example = {
          from = 30000;
          to = 30100;
        };
        description = "Range of NodePort services that the firewall opens, as the API server's `--service-node-port-range`.";
      };

      trustedInterfaces = lib.mkOption {
        type = lib.types.listOf lib.types.nonEmptyStr;
        default = [
          "cni0"
          "flannel.1"
        ];
        example = [
          "cilium_host"
          "lxc*"
        ];
        description = "Interfaces of the CNI, from which pods reach everything on their own node.";
      };
    };

    dns = {
      servers = lib.mkOption {
        type = lib.types.listOf lib.types.nonEmptyStr;
        default = [ ];
        example = [ "10.77.0.1" ];
        description = "Name servers besides the one that DHCP announces, which knows the names of the stack's machines.";
      };

      searchDomains = lib.mkOption {
        type = lib.types.listOf lib.types.nonEmptyStr;
        default = [ ];
        example = [ "lab.internal" ];
        description = "Domains in which short names are looked up.";
      };
    };
  };

  config = lib.mkIf cfg.enable {
    assertions = [
      {
        assertion = missing == [ ];
        message = ''
          services.replikube.hostNameTemplate is "${cfg.hostNameTemplate}" and lacks ${lib.concatStringsSep ", " missing}, so two machines would
          have one name. Use all of {stack}, {role} and {index}, as in the default "${node.nodeNameTemplate}".
        '';
      }
      {
        assertion = cfg.networking.nodePorts.from <= cfg.networking.nodePorts.to;
        message = ''
          services.replikube.networking.nodePorts: from (${toString cfg.networking.nodePorts.from}) is greater than to (${toString cfg.networking.nodePorts.to}).
          Swap them.
        '';
      }
      {
        assertion = !config.networking.nftables.enable || !config.networking.nftables.flushRuleset;
        message = ''
          networking.nftables.flushRuleset would wipe kube-proxy's rules at every reload of the firewall. Set it to false, and
          put rules of your own into networking.nftables.tables instead of networking.nftables.ruleset.
        '';
      }
      {
        assertion = config.swapDevices == [ ] && !config.zramSwap.enable;
        message = ''
          swapDevices or zramSwap.enable is set, and the kubelet does not start with swap. Remove it; give the machines more
          memory in the stack's configuration instead (controlPlaneMemoryMiB, workerMemoryMiB).
        '';
      }
    ];

    systemd.network.networks = {
      "10-node" = {
        matchConfig = cfg.networking.match;
        networkConfig =
          lib.mapAttrs (_: single) node.nodeLink.Network
          // lib.optionalAttrs (cfg.dns.servers != [ ]) { DNS = cfg.dns.servers; }
          // lib.optionalAttrs (cfg.dns.searchDomains != [ ]) { Domains = cfg.dns.searchDomains; };
        dhcpV4Config = lib.mapAttrs (_: single) node.nodeLink.DHCPv4;
        linkConfig = lib.mkIf (cfg.networking.mtu != null) { MTUBytes = toString cfg.networking.mtu; };
      };
      "05-cni" = {
        matchConfig = lib.mapAttrs (_: single) node.cniLinks.Match;
        linkConfig = lib.mapAttrs (_: single) node.cniLinks.Link;
      };
    };
    # Drop-ins, so that NixOS' own options for these services stay free for the experiment.
    environment.etc = {
      "systemd/networkd.conf.d/replikube.conf".source = node.networkd;
      "systemd/resolved.conf.d/replikube.conf".source = node.resolved;
      "systemd/journald.conf.d/replikube.conf".source = node.journald;
      # There is no way to the internet: asking its name servers would only take time.
      "systemd/resolved.conf.d/replikube-fallback.conf".text = ''
        [Resolve]
        FallbackDNS=
      '';
    };

    services.resolved.enable = true;
    # The clock is the hypervisor's; there is no time server in an isolated network.
    services.timesyncd.enable = false;

    networking = {
      useNetworkd = true;
      useDHCP = false;
      # One link, and the same name for it on every machine type.
      usePredictableInterfaceNames = false;
      nftables.enable = true;
      firewall = {
        enable = true;
        # strict drops what pods send.
        checkReversePath = "loose";
        inherit (cfg.networking) trustedInterfaces;
        # One image serves both roles: API server and etcd are open on a worker too, where nothing listens.
        allowedTCPPorts = [
          22
          2379
          2380
          6443
          10250
          10256
        ]
        ++ cfg.networking.allowedTCPPorts;
        allowedUDPPorts = lib.optional (cfg.cni.name == "flannel") 8472 ++ cfg.networking.allowedUDPPorts;
        allowedTCPPortRanges = [ { inherit (cfg.networking.nodePorts) from to; } ];
        allowedUDPPortRanges = [ { inherit (cfg.networking.nodePorts) from to; } ];
      };
    };
  };
}
