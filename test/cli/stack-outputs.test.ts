import { readStackOutputs, type PulumiCall } from "../../cli/stack-outputs";
import type { ExperimentOutputs } from "../../plan/experiment-outputs";

const outputs: ExperimentOutputs = {
  kubernetesVersion: "v1.36.3",
  image: { flavour: "tiny", path: "/nix/store/abc" },
  libvirtUri: "qemu:///system",
  endpoint: "https://10.77.1.10:6443",
  nodes: [
    { name: "n", domain: "d", role: "worker", index: 0, address: "10.77.1.20", hostKey: "ssh-ed25519 AAAA" },
    {
      name: "o",
      domain: "e",
      role: "worker",
      index: 1,
      address: "10.77.1.21",
      hostKey: "ssh-ed25519 BBBB",
      image: { flavour: "tiny", path: "/nix/store/def" },
    },
  ],
  kubeconfig: "THE KUBECONFIG",
  sshPrivateKey: "THE KEY",
};

/** A Pulumi CLI that answers by its first two words; what it was not told is a failure. */
const pulumi =
  (answers: Readonly<Record<string, { readonly out?: unknown; readonly error?: string }>>): PulumiCall =>
  async (args) => {
    const answer = answers[args.slice(0, 2).join(" ")] ?? { error: `unexpected: pulumi ${args.join(" ")}` };
    return Promise.resolve({
      exitCode: answer.error === undefined ? 0 : 255,
      stdout: answer.out === undefined ? "" : JSON.stringify(answer.out),
      stderr: answer.error ?? "",
    });
  };

test("what the program gave comes back, secrets as secrets", async () => {
  const read = await readStackOutputs("dev", pulumi({ "stack output": { out: { ...outputs, more: 1 } } }));
  expect(read.nodes).toEqual(outputs.nodes);
  expect(read.sshPrivateKey.reveal()).toBe("THE KEY");
  expect(JSON.stringify(read)).not.toMatch(/THE K/);
});

test("no such stack: the error names those that are there", async () => {
  const call = pulumi({
    "stack output": { error: "error: no stack named 'dve' found" },
    "stack ls": { out: [{ name: "dev", resourceCount: 3 }, { name: "organization/replikube/two" }] },
  });
  await expect(readStackOutputs("dve", call)).rejects.toThrow("no stack named dve; there are: dev, two");
});

test("a stack without resources is not up", async () => {
  const call = pulumi({ "stack output": { out: {} }, "stack ls": { out: [{ name: "dev", resourceCount: 0 }] } });
  await expect(readStackOutputs("dev", call)).rejects.toThrow(
    "stack dev is not up: nothing of it exists\nnext: ./lab up",
  );
});

test("resources without outputs are half a cluster", async () => {
  const call = pulumi({ "stack output": { out: {} }, "stack ls": { out: [{ name: "dev", resourceCount: 7 }] } });
  await expect(readStackOutputs("dev", call)).rejects.toThrow("stack dev is half up");
});

test("outputs of another program are named by what is wrong with them, without their values", async () => {
  const call = pulumi({
    "stack output": { out: { ...outputs, nodes: "none", kubeconfig: { text: "THE KUBECONFIG" } } },
  });
  const error: unknown = await readStackOutputs("dev", call).catch((reason: unknown) => reason);
  expect(String(error)).toMatch(/not those of this program[^]*nodes[^]*kubeconfig/);
  expect(String(error)).not.toContain("THE KUBECONFIG");
});

test("any other failure of pulumi is shown as it is", async () => {
  const call = pulumi({ "stack output": { error: "error: incorrect passphrase" } });
  await expect(readStackOutputs("dev", call)).rejects.toThrow("incorrect passphrase");
});
