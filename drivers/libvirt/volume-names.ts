import type { Virsh } from "../virsh";
import { answer } from "./objects";

/** Of all that libvirt knows in a pool. */
export const volumeNames = async (virsh: Virsh, pool: string): Promise<readonly string[]> =>
  (await answer(virsh, "vol-list", pool))
    .split("\n")
    .map((line) => line.trim().split(/\s{2,}/)[0] ?? "")
    .filter((name) => name !== "");
