import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { namespaceOf, processesOf } from "./processes";
import { writtenDownBy } from "./written-down";

/** What is on the embedded host of a checkout, by libvirt's and the kernel's own word. */

const LISTS = {
  domain: ["list", "--all", "--name"],
  network: ["net-list", "--all", "--name"],
  pool: ["pool-list", "--all", "--name"],
} as const;

/** Where libvirt keeps what outlives a domain or network, below the embedded host's folder. */
const LIBVIRT_FILES = ["lib/qemu/nvram", "lib/qemu/save", "lib/qemu/snapshot", "lib/qemu/dump", "lib/dnsmasq"];

/** The daemons that the embedded host consists of, whatever runs on it. */
export const DAEMON = /^process (libvirtd|virtlogd) /;

const filesIn = (folder: string, recursive = true): readonly string[] =>
  existsSync(folder) ? readdirSync(folder, { recursive, encoding: "utf8" }) : [];

function namesIn(uri: string, list: readonly string[]): readonly string[] {
  const text = execFileSync("virsh", ["-q", "-c", uri, ...list], { encoding: "utf8" });
  return text
    .split("\n")
    .map((name) => name.trim())
    .filter(Boolean);
}

const uriOf = (folder: string): string => {
  const { uri }: { readonly uri: string } = JSON.parse(readFileSync(join(folder, ".state/host/host.json"), "utf8"));
  return uri;
};

/** Links of guests are numbered as they come. */
function interfacesIn(namespace: string): readonly string[] {
  const links = execFileSync("ip", ["-n", namespace, "-o", "link", "show"], { encoding: "utf8" });
  const names = [...links.matchAll(/^\d+: ([^:@]+)/gm)].flatMap(([, name = ""]) => (name === "lo" ? [] : [name]));
  return names.map((name) => name.replace(/^vnet\d+$/, "vnet"));
}

/** Of a guest its name, of anything else its first words: two of one name are two lines. */
const processName = (line: string): string =>
  /qemu-system.* -name guest=([^,]+)/.exec(line)?.[1]?.replace(/^/, "QEMU of ") ??
  /dnsmasq --conf-file=(\S+)/.exec(line)?.[1]?.replace(/^/, "dnsmasq of ") ??
  line.slice(0, 60);

/** Everything that is there, one line each, sorted; nothing but `DAEMON`s for a checkout whose stacks are all destroyed. */
export function sightOf(folder: string, disks: string): readonly string[] {
  const uri = uriOf(folder);
  const objects = Object.entries(LISTS).flatMap(([kind, list]) => namesIn(uri, list).map((name) => `${kind} ${name}`));
  const state = join(folder, ".state");
  return [
    ...objects,
    ...interfacesIn(namespaceOf(folder) ?? "").map((name) => `interface ${name}`),
    ...processesOf(folder).map(({ line }) => `process ${processName(line)}`),
    ...filesIn(disks).map((name) => `disk ${name}`),
    ...LIBVIRT_FILES.flatMap((place) =>
      filesIn(join(state, "host", place)).map((name) => `libvirt's ${place}/${name}`),
    ),
    ...filesIn(join(state, "stacks"), false).map((name) => `folder of stack ${name}`),
    ...filesIn(join(state, "claims")).map((name) => `claim ${name}`),
    ...writtenDownBy(folder),
  ].toSorted();
}

/** Each line counts as often as it is there. */
function beyond(ones: readonly string[], others: readonly string[]): readonly string[] {
  const left = [...others];
  return ones.filter((line) => {
    const position = left.indexOf(line);
    if (position >= 0) left.splice(position, 1);
    return position < 0;
  });
}

const differences = (expected: readonly string[], seen: readonly string[]): readonly string[] => [
  ...beyond(seen, expected).map((line) => `left over: ${line}`),
  ...beyond(expected, seen).map((line) => `missing: ${line}`),
];

/** What a killed command started ends when it finds out; nothing of it may be there after this long. */
const END_MS = 15_000;

export async function differencesFrom(
  expected: readonly string[],
  look: () => readonly string[],
): Promise<readonly string[]> {
  const until = Date.now() + END_MS;
  for (;;) {
    const found = differences(expected, look());
    if (found.length === 0 || Date.now() > until) return found;
    await sleep(500);
  }
}
