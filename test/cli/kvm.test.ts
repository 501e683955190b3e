import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { accelerationWords, proofOfKvm } from "../../cli/setup/kvm";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "setup-kvm-"));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it("does not try without a device", async () => {
  const proof = await proofOfKvm(placesOf(folder), join(folder, "kvm"));
  expect(proof).toEqual({ kind: "fails", seen: `there is no ${folder}/kvm` });
});

it("knows nothing when the kernel cannot be built", async () => {
  writeFileSync(join(folder, "kvm"), "");
  await expect(proofOfKvm(placesOf(folder), join(folder, "kvm"))).resolves.toMatchObject({ kind: "unknown" });
});

it("says in one line what guests have, and why", () => {
  expect(accelerationWords({ kind: "works" })).toBe("guests with KVM");
  expect(accelerationWords({ kind: "fails", seen: "failed to set MSR\nmore" })).toBe(
    "guests EMULATED: KVM does not work here: failed to set MSR",
  );
  expect(accelerationWords({ kind: "unknown", why: "no Nix" })).toBe("guests EMULATED: KVM could not be tried: no Nix");
});
