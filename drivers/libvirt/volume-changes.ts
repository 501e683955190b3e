import type { VolumeInputs } from "../../plan/libvirt/inputs";
import { hasSize } from "../../plan/libvirt/volume-size";
import type { Mark } from "../../plan/mark";
import { ReplikubeError } from "../errors";
import type { Virsh } from "../virsh";
import { onceFree } from "./busy-storage";
import { switchOff } from "./domain-stop";
import { lookAtDomain } from "./domains";
import { answer, ifFound, linesOf } from "./objects";
import { requireStacks } from "./ownership";
import { unmarkContent } from "./shared-copies";
import { poolToRemoveFrom, requireChangeableIn, type VolumePlace } from "./volume-pool";
import { findVolume, lookAtVolume } from "./volumes";

/** A volume grows, also under a machine that runs, and goes. */

/** QEMU alone may change the disk of a machine that runs. */
export async function runningUser(virsh: Virsh, path: string): Promise<string | undefined> {
  for (const name of await linesOf(virsh, "list", "--name")) {
    const blocks = (await ifFound(() => answer(virsh, "domblklist", name))) ?? "";
    if (blocks.split("\n").some((line) => line.trim().endsWith(` ${path}`))) return name;
  }
  return undefined;
}

/** Of a volume that is there nothing but its size changes. */
export async function changeVolume(
  virsh: Virsh,
  inputs: VolumeInputs,
  mark: Mark | undefined,
  sizeBefore: unknown,
): Promise<void> {
  const { size } = inputs;
  await requireChangeableIn(virsh, inputs, mark);
  if (size !== undefined && size !== sizeBefore) await growVolume(virsh, inputs, size);
}

export async function growVolume(virsh: Virsh, { name, pool, format }: VolumeInputs, size: number): Promise<void> {
  const there = await findVolume(virsh, name, pool);
  const next = "pulumi refresh sees what became of it, and the next up makes it anew";
  if (there === undefined) throw new ReplikubeError(`host: volume ${name} in pool ${pool} is gone\nnext: ${next}`);
  if (hasSize(there.bytes, { format, size })) return;
  // QEMU would make the disk of a machine that runs smaller.
  if (there.bytes > size)
    throw new ReplikubeError(
      `host: volume ${name} in pool ${pool} has ${there.bytes} bytes already, more than ${size}; it was not touched\nnext: ${next}`,
    );
  const user = await runningUser(virsh, there.path);
  if (user === undefined) await virsh.run(["vol-resize", name, `${size}b`, "--pool", pool]);
  else await virsh.run(["blockresize", user, there.path, `${size}b`]);
}

export async function removeVolume(virsh: Virsh, place: VolumePlace, mark: Mark | undefined): Promise<void> {
  const { name, pool } = place;
  const owner = await poolToRemoveFrom(virsh, place, mark);
  const there = owner && (await lookAtVolume(virsh, name, pool));
  if (there === undefined) return;
  if (owner?.mark !== undefined) requireStacks(`volume ${name} in pool ${pool}`, owner.mark, mark, "removed");
  // Its domain goes before it, so one that still runs is the rest of a killed creation, or another's.
  const user = await runningUser(virsh, there.path);
  if (user !== undefined) {
    const found = (await lookAtDomain(virsh, user))?.mark;
    requireStacks(`domain ${user}, which has volume ${name} as its disk,`, found, mark, "changed");
    await switchOff(virsh, user);
  }
  await deleteVolume(virsh, name, pool);
}

/** Of a stack's own, which another may be copying: nobody begins to after this. */
export async function deleteVolume(virsh: Virsh, name: string, pool: string): Promise<void> {
  await unmarkContent(virsh, { pool, name });
  await onceFree(virsh, ["vol-delete", name, "--pool", pool]);
}
