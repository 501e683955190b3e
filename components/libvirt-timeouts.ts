import type * as pulumi from "@pulumi/pulumi";
import { deadlineSeconds, type Deadlines } from "../plan/deadlines";

/** Deadlines of a stack as the libvirt provider takes them: Pulumi's own time-outs, which are no change of a resource. */

type Registration = Pick<pulumi.ResourceTransformationArgs, "type" | "props">;

export function libvirtTimeouts({ type, props }: Registration, deadlines: Deadlines): pulumi.CustomTimeouts {
  const call = deadlineSeconds("virsh", deadlines);
  const isCopied = type === "libvirt:index/volume:Volume" && props["source"] !== undefined;
  // The provider gives half of it to a guest that is to shut down.
  const update = type === "libvirt:index/domain:Domain" ? deadlineSeconds("shutdown", deadlines) * 2 : call;
  return {
    create: `${isCopied ? deadlineSeconds("upload", deadlines) : call}s`,
    update: `${update}s`,
    delete: `${call}s`,
  };
}

/** Of the component that everything else is below. */
export const withLibvirtTimeouts =
  (deadlines: Deadlines): pulumi.ResourceTransformation =>
  ({ type, props, opts }) =>
    type.startsWith("libvirt:")
      ? { props, opts: { ...opts, customTimeouts: libvirtTimeouts({ type, props }, deadlines) } }
      : undefined;
