import { accessSync, constants, existsSync } from "node:fs";
import { StepTimeout, lastLines } from "./errors";
import { localRunner } from "./local-runner";
import type { CommandRunner } from "./runner";

/** Whether KVM of this machine runs a guest. That /dev/kvm is there and can be opened proves nothing: it may hang or crash a kernel. */

export type KvmProof =
  | { readonly kind: "works" }
  | { readonly kind: "fails"; readonly seen: string }
  /** It could not be tried. */
  | { readonly kind: "unknown"; readonly why: string };

export const KVM_DEVICE = "/dev/kvm";

/** With KVM a kernel gets there within two seconds. */
const BOOT_SECONDS = 60;
/** A kernel without a root disk gets exactly so far, and a panic makes it reset, which ends QEMU. */
const REACHED = /Kernel panic - not syncing: VFS: Unable to mount root fs/;

const MACHINE = "-machine q35 -accel kvm -cpu host -m 256 -no-user-config -nodefaults -no-reboot";
const CONSOLE = "-display none -monitor none -serial stdio";
const QEMU = ["qemu-system-x86_64", ...MACHINE.split(" "), ...CONSOLE.split(" ")] as const;

function mayUse(device: string): boolean {
  try {
    accessSync(device, constants.R_OK | constants.W_OK);
    return true;
  } catch {
    return false;
  }
}

/** Starts the kernel as a guest, with the CPU that machines get. */
export async function proveKvm(
  kernel: string,
  { runner = localRunner, device = KVM_DEVICE }: { readonly runner?: CommandRunner; readonly device?: string } = {},
): Promise<KvmProof> {
  if (!existsSync(device)) return { kind: "fails", seen: `there is no ${device}` };
  // libvirt may use it, if this user may not.
  if (!mayUse(device)) return { kind: "unknown", why: `${device} may not be opened by this user` };
  if (!existsSync(kernel)) return { kind: "unknown", why: `there is no kernel ${kernel} to try it with` };
  try {
    const { stdout, stderr } = await runner.run(
      [...QEMU, "-kernel", kernel, "-append", "console=ttyS0 panic=-1 quiet"],
      { deadlineSeconds: BOOT_SECONDS },
    );
    if (REACHED.test(stdout)) return { kind: "works" };
    return { kind: "fails", seen: lastLines(stderr || stdout) };
  } catch (error) {
    if (error instanceof StepTimeout) return { kind: "fails", seen: `a kernel did not start within ${BOOT_SECONDS} s` };
    return { kind: "unknown", why: `${QEMU[0]} cannot be started` };
  }
}
