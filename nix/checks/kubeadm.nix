# Two machines of the NixOS test driver become a cluster: init, join, Ready. The disk is the driver's own, so the container
# images are imported instead of lying in containerd's state already.
{
  node,
  pkgs,
}:
let
  machine =
    { config, ... }:
    {
      imports = [ node ];
      services.replikube = {
        enable = true;
        # The driver gives addresses itself.
        networking.match.Name = "none";
      };
      virtualisation = {
        memorySize = 3072;
        cores = 2;
        diskSize = 8192;
      };
      environment.etc."test-images".text = builtins.concatStringsSep "\n" (
        map toString config.services.replikube.containerImages.all
      );
      environment.etc."test-cni.yaml".text =
        builtins.replaceStrings
          [
            "@POD_SUBNET@"
            "@API_SERVER_HOST@"
            "@API_SERVER_PORT@"
          ]
          [
            "10.244.0.0/16"
            "192.168.1.1"
            "6443"
          ]
          config.services.replikube.cni.manifest;
    };
in
pkgs.testers.runNixOSTest (
  { nodes, ... }:
  let
    cfg = nodes.controlplane.services.replikube;
    registration = address: {
      imagePullPolicy = "Never";
      kubeletExtraArgs = [
        {
          name = "node-ip";
          value = address;
        }
      ];
    };
    documents = builtins.concatStringsSep "\n---\n" (
      map builtins.toJSON [
        {
          apiVersion = "kubeadm.k8s.io/v1beta4";
          kind = "InitConfiguration";
          localAPIEndpoint.advertiseAddress = "192.168.1.1";
          nodeRegistration = registration "192.168.1.1";
        }
        {
          apiVersion = "kubeadm.k8s.io/v1beta4";
          kind = "ClusterConfiguration";
          kubernetesVersion = "v${cfg.kubernetes.package.version}";
          networking.podSubnet = "10.244.0.0/16";
          etcd.local.imageTag = cfg.containerImages.etcdTag;
          dns.imageTag = cfg.containerImages.corednsTag;
        }
        {
          apiVersion = "kubelet.config.k8s.io/v1beta1";
          kind = "KubeletConfiguration";
          cgroupDriver = "systemd";
        }
      ]
    );
    initConfiguration = pkgs.writeText "init.yaml" documents;
  in
  {
    name = "replikube-kubeadm";
    nodes = {
      controlplane = machine;
      worker = machine;
    };
    testScript = ''
      start_all()
      for each in controlplane, worker:
          each.wait_for_unit("containerd.service")
          each.succeed("while read -r image; do ctr -n k8s.io images import $image; done < /etc/test-images")

      controlplane.succeed("kubeadm init --config ${initConfiguration} --skip-token-print")
      controlplane.succeed("kubectl --kubeconfig /etc/kubernetes/admin.conf apply -f /etc/test-cni.yaml")
      join = controlplane.succeed("kubeadm token create --ttl 15m --print-join-command").strip()
      worker.succeed(join)
      controlplane.wait_until_succeeds(
          "test $(kubectl --kubeconfig /etc/kubernetes/admin.conf get nodes --no-headers | grep -cw Ready) = 2", timeout=300
      )
    '';
  }
)
