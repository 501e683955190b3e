import { ReplikubeError } from "../../drivers/errors";
import { makeCloudInitDisk } from "../../drivers/libvirt/cloud-init-disk";
import { removeVolume } from "../../drivers/libvirt/volume-changes";
import { lookAtVolume } from "../../drivers/libvirt/volumes";
import { cloudInitDiskInputs } from "../../plan/libvirt/inputs";
import { CLOUD_INIT_DISK_REPLACING } from "../../plan/libvirt/property-changes";
import { UNKNOWN, type Resource } from "../kit/resource";
import { isImport } from "./claim";
import { checkedInputs, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, markFor, unlessUnreachable } from "./connection";

/** `libvirt:index/cloudInitDisk:CloudInitDisk`. Its id is its path on the libvirt host, which `cloudinit` of a domain takes. */
export const cloudInitDisk: Resource = {
  replaceOn: CLOUD_INIT_DISK_REPLACING,
  deleteBeforeReplace: true,
  check: (request) => checkedInputs(cloudInitDiskInputs, request),
  async create({ inputs, urn, preview, ...operation }) {
    if (preview) return { id: "", outputs: { ...inputs, instance: UNKNOWN } };
    const wanted = typed(cloudInitDiskInputs, inputs);
    const made = await makeCloudInitDisk(connection(operation), wanted, markFor(wanted.stackId, urn));
    return { id: made.path, outputs: { ...inputs, instance: freshInstance() } };
  },
  read: (request) =>
    unlessUnreachable(request, async () => {
      const { id, inputs, state } = request;
      if (isImport(request))
        throw new ReplikubeError(`what was written into ${id} cannot be read back: it cannot be imported`);
      const { name, pool } = typed(cloudInitDiskInputs, state);
      const seen = await lookAtVolume(connection(), name, pool);
      return seen === undefined ? undefined : { id: seen.path, inputs, outputs: state };
    }),
  async delete({ id, state, urn, ...operation }) {
    const { name, stackId } = ownedIn(state);
    const place = { name, pool: String(state["pool"]), path: id };
    await removeVolume(connection(operation), place, markFor(stackId, urn));
  },
};
