import { existsSync } from "node:fs";
import { KVM_DEVICE } from "../drivers/kvm-proof";
import { keptProof, recordUntilReboot } from "../drivers/kvm-record";
import type { Finding } from "../plan/doctor";
import type { Places } from "./places";

/** What is known of KVM without trying it: that takes a minute where it hangs, and is setup's to do. */

type Known = Pick<Finding, "what" | "why">;

const EMULATES = "the embedded host emulates its guests";

function known(cache: string, device: string): Known {
  if (!existsSync(device)) return { what: "none", why: `there is no ${device}; ${EMULATES}` };
  const record = recordUntilReboot(cache, device);
  const proof = keptProof(record);
  if (proof === undefined) {
    const why = "./lab setup tries it when it starts the embedded host, whose guests get it where it works";
    return { what: `${device} is there, and not known to work`, why };
  }
  const tried = `tried on this boot of the machine, kept in ${record.file}`;
  if (proof.kind === "works") return { what: "runs a guest", why: `${tried}; the embedded host's guests get it` };
  return { what: `runs no guest: ${proof.seen.split("\n")[0] ?? ""}`, why: `${tried}; ${EMULATES}` };
}

export const kvmFinding = ({ cache }: Places, device: string = KVM_DEVICE): Finding => ({
  part: "KVM",
  state: "there",
  ...known(cache, device),
});
