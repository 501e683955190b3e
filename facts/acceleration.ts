import { dirname, join } from "node:path";
import { readHostRecord } from "../drivers/embedded-host-record";
import type { AccelerationSetting } from "../plan/experiment-config";
import { socketOfUri } from "../plan/embedded-host";
import { PlanError } from "../plan/problems";
import type { Acceleration } from "../plan/topology";

/** With or without KVM, decided without asking a hypervisor, so that a preview and the next `up` agree. */
export function accelerationOf(setting: AccelerationSetting, libvirtUri: string): Acceleration {
  const socket = socketOfUri(libvirtUri);
  const embedded = socket === undefined ? undefined : readHostRecord(join(dirname(dirname(socket)), "host.json"));
  if (setting === "kvm" && embedded?.kvm === false) {
    throw new PlanError([
      {
        path: "acceleration",
        text: "is kvm, but KVM was not proven to work for the embedded host; set it to tcg or auto",
      },
    ]);
  }
  if (setting !== "auto") return setting;
  // A libvirt of the user's own has KVM, or its user says `tcg`; only the embedded host's was looked at.
  return embedded?.kvm === false ? "tcg" : "kvm";
}
