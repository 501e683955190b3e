import { bridgeName } from "../../plan/names";
import { leftoversOf, type HostObject, type StackIdentity } from "../../plan/leftovers";

const dev: StackIdentity = { project: "replikube", stack: "dev", stackId: "aa11" };

const left = (objects: readonly HostObject[], identity = dev): readonly string[] =>
  leftoversOf(objects, identity).map(({ object }) => object);

test("every kind of object is found by the stack's names", () => {
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "replikube-dev-worker-0" },
    { kind: "network", name: "replikube-dev" },
    { kind: "pool", name: "replikube-dev" },
    { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "replikube-dev" },
    { kind: "volume", name: "replikube-dev-worker-0.qcow2", pool: "default" },
    { kind: "bridge", name: bridgeName(dev) },
    { kind: "file", name: ".state/stacks/dev/kubeconfig" },
  ];
  expect(left(objects)).toEqual([
    "domain replikube-dev-worker-0",
    "network replikube-dev",
    "pool replikube-dev",
    "volume replikube-dev-worker-0.qcow2 in pool replikube-dev",
    "volume replikube-dev-worker-0.qcow2 in pool default",
    `bridge ${bridgeName(dev)}`,
    "file .state/stacks/dev/kubeconfig",
  ]);
});

test("what another stack or a user made is not taken for the stack's", () => {
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "replikube-dev-two-worker-0" },
    { kind: "domain", name: "my-replikube-dev-worker-0" },
    { kind: "network", name: "replikube-dev-two" },
    { kind: "pool", name: "default" },
    { kind: "volume", name: "debian.qcow2", pool: "default" },
    { kind: "bridge", name: "virbr0" },
  ];
  expect(left(objects)).toEqual([]);
});

test("a mark decides over a name: the same name under another id is somebody else's", () => {
  const mark = { project: "replikube", stack: "dev", stackId: "aa11" };
  const objects: readonly HostObject[] = [
    { kind: "domain", name: "renamed-by-hand", mark },
    { kind: "domain", name: "replikube-dev-worker-0", mark: { ...mark, stackId: "bb22" } },
    { kind: "network", name: "replikube-dev", mark: { ...mark, stack: "two" } },
  ];
  expect(left(objects)).toEqual(["domain renamed-by-hand"]);
});

test("without the id every mark of this project and stack counts", () => {
  const { stackId: _, ...unknownId } = dev;
  const mark = { project: "replikube", stack: "dev", stackId: "bb22" };
  expect(left([{ kind: "domain", name: "replikube-dev-worker-0", mark }], unknownId)).toHaveLength(1);
});

test("each leftover comes with the command that removes it", () => {
  expect(leftoversOf([{ kind: "network", name: "replikube-dev" }], dev)).toEqual([
    { object: "network replikube-dev", remedy: "virsh net-destroy replikube-dev; virsh net-undefine replikube-dev" },
  ]);
});
