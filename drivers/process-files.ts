import { readdirSync, readFileSync } from "node:fs";

/** What the kernel shows of this machine's processes. */

export const processIds = (): readonly number[] =>
  readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number);

/** As in proc(5). Empty for one that has ended, or that may not be looked at. */
export function processText(pid: number, file: "cmdline" | "comm" | "stat"): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8");
  } catch {
    return "";
  }
}
