import { makeCloudInitDisk } from "../../drivers/libvirt/cloud-init-disk";
import { lookAtVolume, removeVolume } from "../../drivers/libvirt/volumes";
import { cloudInitDiskInputs } from "../../plan/libvirt/inputs";
import { CLOUD_INIT_DISK_REPLACING } from "../../plan/libvirt/property-changes";
import { UNKNOWN, type Resource } from "../kit/resource";
import { checkedInputs, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, markFor, unlessUnreachable } from "./connection";

/** `libvirt:index/cloudInitDisk:CloudInitDisk`. Its id is its path on the libvirt host, which `cloudinit` of a domain takes. */
export const cloudInitDisk: Resource = {
  replaceOn: CLOUD_INIT_DISK_REPLACING,
  deleteBeforeReplace: true,
  check: (request) => checkedInputs(cloudInitDiskInputs, request),
  async create({ inputs, urn, preview }) {
    if (preview) return { id: "", outputs: { ...inputs, instance: UNKNOWN } };
    const wanted = typed(cloudInitDiskInputs, inputs);
    const made = await makeCloudInitDisk(connection(), wanted, markFor(wanted.stackId, urn));
    return { id: made.path, outputs: { ...inputs, instance: freshInstance() } };
  },
  read: ({ id, inputs, state, report }) =>
    unlessUnreachable(
      async () => {
        const { name, pool } = typed(cloudInitDiskInputs, { name: id.split("/").at(-1), ...state });
        const seen = await lookAtVolume(connection(), name, pool);
        return seen === undefined ? undefined : { id: seen.path, inputs, outputs: state };
      },
      { id, inputs, outputs: state },
      (line) => report(line, { ephemeral: false }),
    ),
  async delete({ state, urn }) {
    const { name, stackId } = ownedIn(state);
    await removeVolume(connection(), name, String(state["pool"]), markFor(stackId, urn));
  },
};
