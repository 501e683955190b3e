import type { GuestInputs } from "../plan/bootstrap-resources";
import { consoleTail } from "./libvirt/console";
import { stackVirsh } from "./virsh";

/** A kernel that gives up says so on its console, and to nobody else: from outside its machine only never answers. */

/** What comes after it is the way to the next boot. */
const TAIL_BYTES = 65_536;
const PANIC = /Kernel panic - .*/g;

async function lastPanic(inputs: GuestInputs): Promise<string | undefined> {
  const text = await consoleTail(stackVirsh(inputs), inputs.consoleLog, TAIL_BYTES).catch(() => "");
  return text.match(PANIC)?.at(-1)?.trim();
}

/** A failure of waiting for a machine says of its kernel's panic, if there was one. */
export async function tellingPanic<T>(inputs: GuestInputs, wait: () => Promise<T>): Promise<T> {
  try {
    return await wait();
  } catch (error) {
    const panic = await lastPanic(inputs);
    if (panic !== undefined && error instanceof Error) error.message += `\nits console says: ${panic}`;
    throw error;
  }
}
