import { existsSync, readFileSync, readdirSync, readlinkSync, statSync } from "node:fs";
import { join } from "node:path";

/** The processes of one checkout, as /proc has them: nothing of ./lab is asked. */
export interface SeenProcess {
  readonly pid: number;
  /** Arguments, joined by spaces. */
  readonly line: string;
}

function read<T>(look: () => T): T | undefined {
  try {
    return look();
  } catch {
    return undefined; // it has ended
  }
}

export const namespaceOf = (folder: string): string | undefined => {
  const record = join(folder, ".state/host/host.json");
  if (!existsSync(record)) return undefined;
  const { namespace }: { readonly namespace: string } = JSON.parse(readFileSync(record, "utf8"));
  return namespace;
};

/** What every process in a network namespace shows of it. */
const inodeOf = (namespace: string): string | undefined =>
  read(() => `net:[${statSync(`/run/netns/${namespace}`, { bigint: true }).ino}]`);

/** Those that name the checkout in their arguments, stand in it, or are in the network namespace of its embedded host. */
export function processesOf(folder: string): readonly SeenProcess[] {
  const namespace = namespaceOf(folder);
  const inode = namespace === undefined ? undefined : inodeOf(namespace);
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name) && name !== String(process.pid))
    .flatMap((name) => {
      const line = read(() => readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim()) ?? "";
      const inside = inode !== undefined && read(() => readlinkSync(`/proc/${name}/ns/net`)) === inode;
      const here = (read(() => readlinkSync(`/proc/${name}/cwd`)) ?? "").startsWith(folder);
      return line !== "" && (inside || here || line.includes(folder)) ? [{ pid: Number(name), line }] : [];
    });
}
