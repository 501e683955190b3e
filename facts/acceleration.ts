import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheFolder } from "../drivers/cache-folder";
import { readHostRecord, type EmbeddedHost } from "../drivers/embedded-host-record";
import { KVM_DEVICE, proveKvm, type KvmProof } from "../drivers/kvm-proof";
import { provenOnce, recordUntilReboot, thisMachine, type KvmRecord } from "../drivers/kvm-record";
import { startTimeOf } from "../drivers/namespace-processes";
import type { AccelerationSetting } from "../plan/experiment-config";
import { embeddedHostLayout, socketOfUri } from "../plan/embedded-host";
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
  /** What checkouts of a user share. */
  readonly cache?: string;
}

async function proven(request: AccelerationRequest, recordOf: (device: string) => KvmRecord): Promise<KvmProof> {
  const { kernel, prove = proveKvm, device = KVM_DEVICE } = request;
  if (!existsSync(device)) return { kind: "fails", seen: `there is no ${device}` };
  return provenOnce(recordOf(device), () => prove(kernel));
}

const hasStarted = ({ libvirtdPid, libvirtdStartTime }: EmbeddedHost): boolean =>
  startTimeOf(libvirtdPid) === libvirtdStartTime;

const proofOf = ({ kvm }: EmbeddedHost): KvmProof =>
  kvm ? { kind: "works" } : { kind: "fails", seen: "the embedded host runs its guests without" };

/** One that does not run is started by `up`, with what is found out about KVM then; what was found out on this boot still holds. */
async function proofOfEmbedded(request: AccelerationRequest, host: EmbeddedHost | undefined): Promise<KvmProof> {
  if (host !== undefined && hasStarted(host)) return proofOf(host);
  const { cache = cacheFolder() } = request;
  const proof = await proven(request, (device) => recordUntilReboot(cache, device));
  if (proof.kind !== "unknown") return proof;
  if (host !== undefined) return proofOf(host);
  console.error("KVM of this machine has not been tried yet: shown with KVM, up tries it first");
  return proof;
}

function proofFor(request: AccelerationRequest): Promise<KvmProof> {
  const { libvirtUri, checkout } = request;
  const socket = socketOfUri(libvirtUri);
  const host = socket === undefined ? undefined : readHostRecord(join(dirname(dirname(socket)), "host.json"));
  const own = embeddedHostLayout(join(checkout, ".state/host")).uri;
  if (host !== undefined || libvirtUri === own) return proofOfEmbedded(request, host);
  if (!isOnThisMachine(libvirtUri)) return Promise.resolve({ kind: "unknown", why: "it is another machine's" });
  return proven(request, () => ({ file: join(checkout, ".state/kvm.json"), of: thisMachine() }));
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
