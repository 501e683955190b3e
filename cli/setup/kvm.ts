import { existsSync } from "node:fs";
import { join } from "node:path";
import { lastLines } from "../../drivers/errors";
import { KVM_DEVICE, proveKvm, type KvmProof } from "../../drivers/kvm-proof";
import { localRunner } from "../../drivers/local-runner";
import { callNix } from "../../drivers/nix-command";
import type { Places } from "../places";

/** Whether the embedded host's guests may have KVM: proven with the kernel that the debian flavour boots, which is built for it. */

const kernelOf = async ({ root }: Places): Promise<string> => {
  const command = ["nix", "build", "--no-link", "--print-out-paths", `${root}#kernel`] as const;
  const step = "build the kernel that proves KVM";
  return join((await callNix(command, { step, flavour: "debian", runner: localRunner })).trim(), "vmlinuz");
};

export async function proofOfKvm(places: Places, device = KVM_DEVICE): Promise<KvmProof> {
  if (!existsSync(device)) return { kind: "fails", seen: `there is no ${device}` };
  try {
    return await proveKvm(await kernelOf(places), { device });
  } catch (error) {
    return { kind: "unknown", why: error instanceof Error ? lastLines(error.message) : String(error) };
  }
}

/** For a line of setup. */
export const accelerationWords = (proof: KvmProof): string => {
  switch (proof.kind) {
    case "works":
      return "guests with KVM";
    case "fails":
      return `guests EMULATED: KVM does not work here: ${proof.seen.split("\n")[0] ?? ""}`;
    case "unknown":
      return `guests EMULATED: KVM could not be tried: ${proof.why.split("\n")[0] ?? ""}`;
  }
};
