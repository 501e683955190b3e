import { hasPendingOperations, withoutPendingOperations } from "../../plan/pending-operations";

const urn = "urn:pulumi:dev::replikube::replikube:index:Experiment$libvirt:index/domain:Domain::worker-0";
const exported = {
  version: 3,
  deployment: {
    manifest: { time: "now" },
    secrets_providers: { type: "passphrase" },
    resources: [{ urn: "urn:pulumi:dev::replikube::pulumi:pulumi:Stack::replikube-dev", inputs: { kept: ["as", 1] } }],
    pending_operations: [{ type: "creating", resource: { urn } }],
  },
};

test("they go and are named, and everything else stays as it was", () => {
  const cleared = withoutPendingOperations(JSON.stringify(exported));
  expect(cleared?.operations).toEqual(["creating worker-0"]);
  const { pending_operations: _, ...deployment } = exported.deployment;
  expect(JSON.parse(cleared?.text ?? "")).toEqual({ ...exported, deployment });
});

test("without any there is nothing to import", () => {
  expect(withoutPendingOperations(JSON.stringify({ version: 3, deployment: { resources: [] } }))).toBeUndefined();
  expect(withoutPendingOperations(JSON.stringify({ deployment: { pending_operations: [] } }))).toBeUndefined();
});

test("a look at the state file tells, however it is printed", () => {
  expect(hasPendingOperations(JSON.stringify(exported))).toBe(true);
  expect(hasPendingOperations(JSON.stringify(exported, undefined, 4))).toBe(true);
  expect(hasPendingOperations(JSON.stringify({ latest: { pending_operations: [] } }))).toBe(false);
  expect(hasPendingOperations(JSON.stringify({ latest: {} }))).toBe(false);
});
