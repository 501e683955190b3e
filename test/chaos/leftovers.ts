import { execFileSync } from "node:child_process";
import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import type { Clone } from "../fixtures/clone";
import { namespaceOf, processesOf } from "./processes";

/** What is left on the host and what is there twice, by libvirt's, the kernel's and the machines' own word. */

const LISTS = {
  domain: ["list", "--all", "--name"],
  network: ["net-list", "--all", "--name"],
  pool: ["pool-list", "--all", "--name"],
} as const;

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

/** Of a checkout whose stacks are all destroyed: everything that is still there. */
export function leftoversOf(folder: string, disks: string): readonly string[] {
  const namespace = namespaceOf(folder) ?? "";
  const uri = uriOf(folder);
  const objects = Object.entries(LISTS).flatMap(([kind, list]) => namesIn(uri, list).map((name) => `${kind} ${name}`));
  const links = execFileSync("ip", ["-n", namespace, "-o", "link", "show"], { encoding: "utf8" });
  const interfaces = [...links.matchAll(/^\d+: ([^:@]+)/gm)].flatMap(([, name = ""]) => (name === "lo" ? [] : [name]));
  const guests = processesOf(folder).filter(({ line }) => /qemu-system|dnsmasq/.test(line));
  const stacks = join(folder, ".state/stacks");
  return [
    ...objects,
    ...interfaces.map((name) => `interface ${name}`),
    ...guests.map(({ pid, line }) => `process ${pid} ${line.slice(0, 60)}`),
    ...readdirSync(disks).map((name) => `disk ${name}`),
    ...(existsSync(stacks) ? readdirSync(stacks).map((name) => `folder of stack ${name}`) : []),
  ];
}

/** kubeadm's acts that succeeded on a machine since its disk was fresh or reset, by the machine's own record of calls. */
export function actsIn(record: string): readonly string[] {
  let current = "";
  let acts: string[] = [];
  for (const line of record.split("\n").filter((each) => each.trim() !== "")) {
    const call: { readonly event: string; readonly argv?: readonly string[]; readonly succeeded?: boolean } =
      JSON.parse(line);
    if (call.event === "begins")
      current = call.argv?.[1] === "init" && call.argv[2] === "phase" ? "phase" : (call.argv?.[1] ?? "");
    else if (call.succeeded === true && current === "reset") acts = [];
    else if (call.succeeded === true && ["init", "join"].includes(current)) acts.push(current);
  }
  return acts;
}

/** Domains, and QEMUs for them, that are there more than once. */
export function doublesOf(folder: string): readonly string[] {
  const guests = processesOf(folder).flatMap(({ line }) => /qemu-system.* -name guest=([^,]+)/.exec(line)?.[1] ?? []);
  return guests.filter((name, position) => guests.indexOf(name) !== position).map((name) => `two QEMUs of ${name}`);
}

export const recordOn = async (clone: Clone, stack: string, node: string): Promise<string> =>
  (await clone.lab("ssh", "--stack", stack, node, "--", "cat", "/var/log/tiny-kubeadm.log")).stdout;
