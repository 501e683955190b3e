import { readFileSync, statSync } from "node:fs";
import { cpus, release } from "node:os";
import { join } from "node:path";
import type { KvmProof } from "./kvm-proof";
import { writeWholeFile } from "./whole-file";

/** A proof of KVM that is kept: it takes a minute where KVM hangs, and a busy moment must not turn what works into what fails. */
export interface KvmRecord {
  readonly file: string;
  /** What it was proven for; of anything else it says nothing. */
  readonly of: string;
}

/** Another kernel or processor is another proof. */
export const thisMachine = (): string => `${release()} on ${cpus()[0]?.model ?? "an unknown processor"}`;

const BOOT_ID = "/proc/sys/kernel/random/boot_id";

/** Of the embedded hosts of all checkouts of a user: until the machine boots again or its KVM is loaded anew, which makes another device. */
export const recordUntilReboot = (cache: string, device: string): KvmRecord => ({
  file: join(cache, "kvm.json"),
  of: `${thisMachine()}, boot ${readFileSync(BOOT_ID, "utf8").trim()}, device of ${statSync(device).mtime.toISOString()}`,
});

type Decided = Exclude<KvmProof, { readonly kind: "unknown" }>;

/** Undefined: none that still holds. It only looks. */
export function keptProof({ file, of }: KvmRecord): Decided | undefined {
  try {
    const { machine, works, seen }: Readonly<Record<string, unknown>> = JSON.parse(readFileSync(file, "utf8"));
    if (machine !== of || typeof works !== "boolean") return undefined;
    return works ? { kind: "works" } : { kind: "fails", seen: typeof seen === "string" ? seen : "" };
  } catch {
    return undefined;
  }
}

function keep({ file, of }: KvmRecord, proof: Decided): void {
  const seen = proof.kind === "fails" && { seen: proof.seen };
  writeWholeFile(file, `${JSON.stringify({ machine: of, works: proof.kind === "works", ...seen })}\n`);
}

export async function provenOnce(record: KvmRecord, prove: () => Promise<KvmProof>): Promise<KvmProof> {
  const known = keptProof(record);
  if (known !== undefined) return known;
  const proof = await prove();
  if (proof.kind !== "unknown") keep(record, proof);
  return proof;
}
