import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { readHostRecord } from "../drivers/embedded-host-record";
import { KVM_DEVICE, proveKvm, type KvmProof } from "../drivers/kvm-proof";
import { provenOnce, thisMachine } from "../drivers/kvm-record";
import type { AccelerationSetting } from "../plan/experiment-config";
import { socketOfUri } from "../plan/embedded-host";
import { isOnThisMachine } from "../plan/libvirt-uri";
import { PlanError } from "../plan/problems";
import type { Acceleration } from "../plan/topology";

/** With or without KVM, decided without asking a hypervisor, so that a preview and the next `up` agree. */

export interface AccelerationRequest {
  readonly setting: AccelerationSetting;
  readonly libvirtUri: string;
  readonly checkout: string;
  /** Of the image; it proves KVM, once it is built. */
  readonly kernel: string;
  readonly prove?: (kernel: string) => Promise<KvmProof>;
  readonly device?: string;
}

async function localProof(request: AccelerationRequest): Promise<KvmProof> {
  const { checkout, kernel, prove = proveKvm, device = KVM_DEVICE } = request;
  if (!existsSync(device)) return { kind: "fails", seen: `there is no ${device}` };
  return provenOnce({ file: join(checkout, ".state/kvm.json"), of: thisMachine() }, () => prove(kernel));
}

async function proofFor(request: AccelerationRequest): Promise<KvmProof> {
  const socket = socketOfUri(request.libvirtUri);
  const embedded = socket === undefined ? undefined : readHostRecord(join(dirname(dirname(socket)), "host.json"));
  if (embedded !== undefined) {
    return embedded.kvm ? { kind: "works" } : { kind: "fails", seen: "the embedded host runs its guests without" };
  }
  if (!isOnThisMachine(request.libvirtUri)) return { kind: "unknown", why: "it is another machine's" };
  return localProof(request);
}

/** What cannot be proven has KVM, unless its user says `tcg`: a hypervisor without is the exception. */
export async function accelerationOf(request: AccelerationRequest): Promise<Acceleration> {
  if (request.setting === "tcg") return "tcg";
  const proof = await proofFor(request);
  if (proof.kind !== "fails") return "kvm";
  if (request.setting === "auto") return "tcg";
  const text = `is kvm, but KVM does not run a guest on ${request.libvirtUri}: ${proof.seen}; set it to tcg or auto`;
  throw new PlanError([{ path: "acceleration", text }]);
}
