import {
  existsSync,
  mkdirSync,
  openSync,
  readdirSync,
  readSync,
  closeSync,
  fstatSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { NodeAccess } from "../plan/bootstrap-resources";
import type { Argv } from "../plan/step";
import type { CommandRunner } from "./runner";
import { virshFor } from "./virsh";

/** Saves what a failure can be understood by, before anything is cleaned or tried again. No source's failure loses another. */

/** Of each source; a log's end says more than its begin. */
const LIMIT_BYTES = 256 * 1024;
const KEPT = 10;
const SOURCE_SECONDS = 45;

export interface EvidenceRequest {
  /** Checkout that .state lies in. */
  readonly root: string;
  readonly stack: string;
  readonly step: string;
  readonly libvirtUri: string;
  readonly node: NodeAccess;
  readonly runner: CommandRunner;
  readonly timelineFile: string;
  readonly error: unknown;
  readonly redact: (text: string) => string;
}

interface Source {
  readonly name: string;
  readonly read: () => Promise<string>;
}

const tail = (text: string): string => {
  const bytes = Buffer.from(text);
  return bytes.length <= LIMIT_BYTES
    ? text
    : `[${bytes.length - LIMIT_BYTES} bytes left out]\n${bytes.subarray(-LIMIT_BYTES).toString("utf8")}`;
};

function fileTail(path: string): string {
  if (!existsSync(path)) return `no file ${path}\n`;
  const file = openSync(path, "r");
  try {
    const { size } = fstatSync(file);
    const buffer = Buffer.alloc(Math.min(size, LIMIT_BYTES));
    const read = readSync(file, buffer, 0, buffer.length, size - buffer.length);
    return buffer.subarray(0, read).toString("utf8");
  } finally {
    closeSync(file);
  }
}

/** Cut on the machine: a journal may be bigger than what the line carries in time. */
const cut = (command: string): Argv => ["sh", "-c", `{ ${command}; } 2>&1 | tail -c ${LIMIT_BYTES}`];

const NODE_SOURCES: Readonly<Record<string, Argv>> = {
  "journal.log": cut("journalctl -b --no-pager -n 3000"),
  "kubelet.log": cut("journalctl -b -u kubelet --no-pager -n 2000"),
  "containers.txt": cut("crictl ps -a; crictl pods; crictl images"),
  "container-logs.log": cut('for id in $(crictl ps -aq); do echo "== $id"; crictl logs --tail 100 "$id"; done'),
  "steps.log": cut('for log in /var/lib/replikube/log/*; do echo "== $log"; cat "$log"; done'),
  "machine.txt": cut("uptime; free -m; df -h; ls -lR /etc/kubernetes /var/lib/replikube; ip addr; ip route; ps ax"),
};

function sourcesOf({ libvirtUri, node, runner, timelineFile, error }: EvidenceRequest): readonly Source[] {
  const onNode = Object.entries(NODE_SOURCES).map(([name, command]) => ({
    name,
    read: async () => (await runner.run(command, { deadlineSeconds: SOURCE_SECONDS })).stdout,
  }));
  return [
    { name: "error.txt", read: async () => (error instanceof Error ? (error.stack ?? error.message) : String(error)) },
    { name: "console.log", read: async () => fileTail(node.consoleLog) },
    { name: "timeline.jsonl", read: async () => fileTail(timelineFile) },
    { name: "domain.xml", read: async () => (await virshFor(libvirtUri).run(["dumpxml", node.domainName])).stdout },
    ...onNode,
  ];
}

/** Returns the directory. Never throws: the failure that it is about must be what the user sees. */
export async function saveEvidence(request: EvidenceRequest): Promise<string> {
  const { root, stack, step, node, redact } = request;
  const all = join(root, ".state/evidence", stack);
  const time = new Date().toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const directory = join(all, `${time}-${node.nodeName}-${step}`);
  try {
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    await Promise.all(
      sourcesOf(request).map(async ({ name, read }) => {
        const text = await read().catch((error: unknown) => `cannot be had: ${String(error)}\n`);
        writeFileSync(join(directory, name), redact(tail(text)), { mode: 0o600 });
      }),
    );
    const old = readdirSync(all).sort().slice(0, -KEPT);
    for (const name of old) rmSync(join(all, name), { recursive: true, force: true });
  } catch (error) {
    return `${directory} (incomplete: ${String(error)})`;
  }
  return directory;
}
