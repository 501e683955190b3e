import { readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout } from "node:timers/promises";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { goldenFolder, goldenPaths } from "../golden-matcher";

/**
 * A NixOS node's configuration (test/golden/nixos, as nixpkgs evaluated it) laid over the debian guest: booted, initialised,
 * joined, used. test/fixtures/nixos-left-out.ts says what of it is not there, and why.
 */

const MINUTE = 60_000;
const STACK = "nixos-texts";
const WORKER = `${STACK}-worker-0`;
const NODES = ["control-plane-0", "worker-0"] as const;
const CONFIGURATION = `config:
  replikube:imageFlavour: debian
  replikube:imageFlake: ./test/fixtures/nixos-over-debian
  replikube:imageAttribute: node-image-laid-over
`;

const paths = goldenPaths("nixos/root");
const golden = (path: string): string => readFileSync(join(goldenFolder, "nixos/root", path), "utf8");

let clone: Clone;
const lab = async (verb: string, ...args: string[]) => succeeded(await clone.lab(verb, "--stack", STACK, ...args));
const printed = async (verb: string, ...args: string[]): Promise<string> => {
  const result = await clone.lab(verb, "--stack", STACK, ...args);
  succeeded(result);
  return result.stdout.trim();
};
const kubectl = (...args: string[]) => printed("kubectl", "--", ...args);
/** What a script prints on a node; all that it has on PATH is what NixOS has. */
const onNode = (node: string, script: string) => printed("ssh", node, "--", script);
const bootId = () => kubectl("get", "node", WORKER, "-o", "jsonpath={.status.nodeInfo.bootID}");
const identity = () => onNode("worker-0", "cat /etc/ssh/ssh_host_ed25519_key.pub /etc/machine-id");

if (process.env["BOOT_NIXOS_TEXTS"] !== "1") {
  it.todo(
    "a NixOS node's configuration makes a cluster on Debian, but that takes minutes: BOOT_NIXOS_TEXTS=1 asks for it",
  );
} else {
  describe("a NixOS node's configuration on Debian", () => {
    beforeAll(async () => {
      clone = await makeClone({ [`Pulumi.${STACK}.yaml`]: CONFIGURATION });
    }, 5 * MINUTE);

    afterAll(async () => clone.remove(), 5 * MINUTE);

    test(
      "it boots, and kubeadm makes a Ready cluster of it",
      async () => {
        expect(await lab("up")).toContain("ready after");
        const nodes = await kubectl("get", "nodes", "--no-headers");
        expect(nodes.match(/ Ready /g)).toHaveLength(NODES.length);
      },
      30 * MINUTE,
    );

    test.each(NODES)(
      "no unit of %s has failed, and those of NixOS are the ones that run",
      async (node) => {
        expect(await onNode(node, "systemctl list-units --state=failed --plain --no-legend")).toBe("");
        const units = [
          "containerd.service",
          "kubelet.service",
          "nftables.service",
          "qemu-guest-agent.service",
          "replikube-cni-plugins.service",
          "sshd.service",
        ];
        const shown = await onNode(node, `systemctl show --property=Id,ActiveState,FragmentPath ${units.join(" ")}`);
        const expected = units.map((unit) => [
          "ActiveState=active",
          `FragmentPath=/etc/systemd/system/${unit}`,
          `Id=${unit}`,
        ]);
        expect(shown.split("\n\n").map((each) => each.split("\n").toSorted())).toEqual(expected);
        const verified = `systemd-analyze verify --man=no --recursive-errors=no ${units.join(" ")} 2>&1`;
        expect(await onNode(node, verified)).toBe("");
        const path = /^Environment="(PATH=.*)"$/m.exec(golden("/etc/systemd/system/kubelet.service"))?.[1];
        const running = "tr '\\0' '\\n' < /proc/$(systemctl show --property=MainPID --value kubelet)/environ";
        expect((await onNode(node, running)).split("\n")).toContain(path);
      },
      5 * MINUTE,
    );

    test(
      "what lies in the guest is what nixpkgs evaluated, and the programs of the image contract are where NixOS puts them",
      async () => {
        const texts = await onNode("worker-0", `for file in ${paths.join(" ")}; do cat $file; echo "== $file"; done`);
        expect(texts).toBe(paths.map((path) => `${golden(path)}== ${path}`).join("\n"));
        const programs = "kubeadm kubelet kubectl crictl ctr";
        const links = await onNode("worker-0", `for name in ${programs}; do readlink /usr/bin/$name; done`);
        expect(links.split("\n")).toEqual([
          ...["kubeadm", "kubelet", "kubectl"].map((name) => `/nix/store/kubernetes/bin/${name}`),
          "/nix/store/cri-tools/bin/crictl",
          "/nix/store/containerd/bin/ctr",
        ]);
      },
      5 * MINUTE,
    );

    test.each(NODES)(
      "sysctls, modules and the size of the root of %s are as configured",
      async (node) => {
        const settings = golden("/etc/sysctl.d/60-nixos.conf")
          .trim()
          .split("\n")
          .map((line) => line.split("=", 2));
        const names = settings.map(([name = ""]) => name);
        const values = await onNode(node, `sysctl --values ${names.join(" ")}`);
        const seen = values.split("\n").map((value, position) => [names[position], value.replaceAll("\t", " ")]);
        // The kernel shows all four levels of the one that can be set.
        expect(seen.map(([name, value]) => [name, name === "kernel.printk" ? value?.split(" ")[0] : value])).toEqual(
          settings,
        );
        const modules = await onNode(node, "lsmod");
        for (const name of ["br_netfilter", "overlay"]) expect(modules).toMatch(new RegExp(`^${name} `, "m"));
        const bytes = Number(await onNode(node, "findmnt --bytes --noheadings --output SIZE /"));
        expect(bytes / 2 ** 30).toBeGreaterThan(11);
      },
      5 * MINUTE,
    );

    test(
      "the firewall is NixOS' own: Kubernetes' ports are open to the other node, another one is not",
      async () => {
        expect(await onNode("worker-0", "nft list chain inet nixos-fw input")).toContain("policy drop");
        const address = await onNode("worker-0", "ip -4 -brief address show eth0 | grep -o '10[.]77[.][0-9.]*'");
        const reached = (port: number) =>
          `timeout 10 bash -c 'exec 3<>/dev/tcp/${address}/${port}' 2> /dev/null; echo $?`;
        await onNode("worker-0", "systemd-run --unit=listener systemd-socket-activate --accept --listen=9999 cat");
        await onNode("worker-0", "until ss -tln | grep -q :9999; do sleep 1; done");
        expect(await onNode("worker-0", reached(9999))).toBe("0");
        expect(await onNode("control-plane-0", reached(10250))).toBe("0");
        // 124: nothing came back, not even that nobody listens.
        expect(await onNode("control-plane-0", reached(9999))).toBe("124");
      },
      5 * MINUTE,
    );

    test(
      "a machine that is killed comes back as the node that it was",
      async () => {
        const [before, boot] = [await identity(), await bootId()];
        await clone.virsh("reset", `replikube-${WORKER}`);
        while ((await bootId()) === boot) await setTimeout(5000);
        await kubectl("wait", `node/${WORKER}`, "--for=condition=Ready", "--timeout=300s");
        expect(await identity()).toBe(before);
        await lab("preview", "--", "--expect-no-changes");
      },
      15 * MINUTE,
    );

    test(
      "destroy leaves nothing",
      async () => {
        expect(await lab("destroy")).toContain("nothing is left");
        expect(await clone.libvirtObjects()).toEqual([]);
      },
      5 * MINUTE,
    );
  });
}
