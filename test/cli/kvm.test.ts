import { mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { accelerationWords, proofOfKvm } from "../../cli/setup/kvm";
import type { KvmProof } from "../../drivers/kvm-proof";

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

it("tries a device once, and again when it is another one or nothing was found out", async () => {
  const device = join(folder, "kvm");
  writeFileSync(device, "");
  const answers: KvmProof[] = [{ kind: "unknown", why: "busy" }, { kind: "fails", seen: "hangs" }, { kind: "works" }];
  const look = () => proofOfKvm(shared, device, async () => answers.shift() ?? { kind: "unknown", why: "asked again" });
  const shared = placesOf(folder, { XDG_CACHE_HOME: join(folder, "cache") });
  expect((await look()).kind).toBe("unknown");
  expect(await look()).toEqual({ kind: "fails", seen: "hangs" });
  expect(await look()).toEqual({ kind: "fails", seen: "hangs" });
  utimesSync(device, 1, 1);
  expect(await look()).toEqual({ kind: "works" });
  expect(await look()).toEqual({ kind: "works" });
});

it("says in one line what guests have, and why", () => {
  expect(accelerationWords({ kind: "works" })).toBe("guests with KVM");
  expect(accelerationWords({ kind: "fails", seen: "failed to set MSR\nmore" })).toBe(
    "guests EMULATED: KVM does not work here: failed to set MSR",
  );
  expect(accelerationWords({ kind: "unknown", why: "no Nix" })).toBe("guests EMULATED: KVM could not be tried: no Nix");
});
