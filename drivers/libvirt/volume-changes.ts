import type { Mark } from "../../plan/mark";
import type { Virsh } from "../virsh";
import { onceFree } from "./busy-storage";
import { switchOff } from "./domain-stop";
import { lookAtDomain } from "./domains";
import { answer, ifFound, linesOf } from "./objects";
import { requireStacks } from "./ownership";
import { lookAtPool } from "./pools";
import { unmarkContent } from "./shared-copies";
import { lookAtVolume } from "./volumes";

/** A volume grows, also under a machine that runs, and goes. */

/** QEMU alone may change the disk of a machine that runs. */
export async function runningUser(virsh: Virsh, path: string): Promise<string | undefined> {
  for (const name of await linesOf(virsh, "list", "--name")) {
    const blocks = (await ifFound(() => answer(virsh, "domblklist", name))) ?? "";
    if (blocks.split("\n").some((line) => line.trim().endsWith(` ${path}`))) return name;
  }
  return undefined;
}

export async function growVolume(virsh: Virsh, name: string, pool: string, bytes: number): Promise<void> {
  const path = await answer(virsh, "vol-path", name, "--pool", pool);
  const user = await runningUser(virsh, path);
  if (user === undefined) await virsh.run(["vol-resize", name, `${bytes}b`, "--pool", pool]);
  else await virsh.run(["blockresize", user, path, `${bytes}b`]);
}

export async function removeVolume(virsh: Virsh, name: string, pool: string, mark: Mark | undefined): Promise<void> {
  const there = await lookAtVolume(virsh, name, pool);
  if (there === undefined) return;
  const owner = (await lookAtPool(virsh, pool))?.mark;
  if (owner !== undefined) requireStacks(`volume ${name} in pool ${pool}`, owner, mark, "removed");
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
