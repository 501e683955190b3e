import { existsSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { lastLines } from "../../drivers/errors";
import { KVM_DEVICE, proveKvm, type KvmProof } from "../../drivers/kvm-proof";
import { provenOnce, recordUntilReboot } from "../../drivers/kvm-record";
import { localRunner } from "../../drivers/local-runner";
import { callNix } from "../../drivers/nix-command";
import type { Places } from "../places";

/** Whether the embedded host's guests may have KVM: proven with the kernel that the debian flavour boots, which is built for it. */

const built = z.tuple([z.object({ outputs: z.object({ out: z.string() }) })]);

async function kernelOf({ root }: Places): Promise<string> {
  const step = "build the kernel that proves KVM";
  const command = ["nix", "build", "--no-link", "--json", `${root}#kernel`] as const;
  const [{ outputs }] = built.parse(
    JSON.parse(await callNix(command, { step, flavour: "debian", runner: localRunner })),
  );
  return join(outputs.out, "vmlinuz");
}

export async function proofOfKvm(
  places: Places,
  device = KVM_DEVICE,
  prove = async (): Promise<KvmProof> => proveKvm(await kernelOf(places), { device }),
): Promise<KvmProof> {
  if (!existsSync(device)) return { kind: "fails", seen: `there is no ${device}` };
  try {
    return await provenOnce(recordUntilReboot(places.cache, device), prove);
  } catch (error) {
    return { kind: "unknown", why: error instanceof Error ? lastLines(error.message) : String(error) };
  }
}

const firstLine = (text: string): string => text.split("\n")[0] ?? "";

/** For a line of setup. */
export function accelerationWords(proof: KvmProof): string {
  if (proof.kind === "works") return "guests with KVM";
  if (proof.kind === "fails") return `guests EMULATED: KVM does not work here: ${firstLine(proof.seen)}`;
  return `guests EMULATED: KVM could not be tried: ${firstLine(proof.why)}`;
}
