import { interruptionText } from "../../plan/interruption";

const exported = (pending: readonly unknown[]): string =>
  JSON.stringify({ deployment: { resources: [{}, {}, {}], pending_operations: pending } });

test("says what is there, what was cut off, and how to go on", () => {
  const urn = "urn:pulumi:dev::replikube::pulumi-nodejs:dynamic/replikube:KubeadmInit::cluster";
  expect(interruptionText("dev", exported([{ type: "creating", resource: { urn } }]))).toBe(
    "stack dev was interrupted: 3 resources are in its state, cut off while creating cluster\nnext: ./lab up --stack dev goes on from there, ./lab destroy --stack dev removes what is there",
  );
  expect(interruptionText("dev", exported([]))).toContain("3 resources are in its state, nothing was cut off");
});
