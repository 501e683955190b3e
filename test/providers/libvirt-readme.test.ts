import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  CLOUD_INIT_DISK_CHANGES,
  DOMAIN_CHANGES,
  NETWORK_CHANGES,
  POOL_CHANGES,
  VOLUME_CHANGES,
  type Cost,
} from "../../plan/libvirt/property-changes";

/** The README's tables say what the provider does. */

const text = readFileSync(join(__dirname, "../../providers/libvirt/README.md"), "utf8");

it.each<readonly [string, Readonly<Record<string, Cost>>]>([
  ["Network", NETWORK_CHANGES],
  ["Pool", POOL_CHANGES],
  ["Volume", VOLUME_CHANGES],
  ["CloudInitDisk", CLOUD_INIT_DISK_CHANGES],
  ["Domain", DOMAIN_CHANGES],
])("has a line for every property of a %s, with what a change costs", (name, changes) => {
  const section = text.split(/^## /m).find((part) => part.startsWith(`${name}\n`)) ?? "";
  const rows = [...section.matchAll(/^\| `(\w+)`\s*\| ([a-z ]+?)\s*\|/gm)].map(([, property, cost]) => [
    property,
    cost,
  ]);
  expect(Object.fromEntries(rows)).toEqual(changes);
});
