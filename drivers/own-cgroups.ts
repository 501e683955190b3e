import { existsSync, readFileSync, readdirSync, rmSync, rmdirSync } from "node:fs";
import { basename, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { EmbeddedHostLayout } from "../plan/embedded-host";

/** The cgroups that start.sh made for the embedded host, one in each hierarchy of the machine: all its processes are in them. */

const ATTEMPTS = 100;
const INTERVAL_MS = 50;

/** start.sh wrote a line for each, which starts with its place. */
const placesOf = ({ cgroups, namespace }: EmbeddedHostLayout): readonly string[] => {
  if (!existsSync(cgroups)) return [];
  const places = readFileSync(cgroups, "utf8")
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "");
  return places.filter((place) => basename(place) === namespace && existsSync(place));
};

const childrenOf = (place: string): readonly string[] =>
  readdirSync(place, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => join(place, entry.name));

const pidsIn = (place: string): readonly number[] => {
  const own = readFileSync(join(place, "cgroup.procs"), "utf8").split("\n").filter(Boolean).map(Number);
  return [...own, ...childrenOf(place).flatMap(pidsIn)];
};

export const pidsInOwnCgroups = (layout: EmbeddedHostLayout): ReadonlySet<number> =>
  new Set(placesOf(layout).flatMap(pidsIn));

/** Their processes must have ended. */
export async function removeOwnCgroups(layout: EmbeddedHostLayout): Promise<void> {
  for (const place of placesOf(layout)) await remove(place);
  rmSync(layout.cgroups, { force: true });
}

async function remove(place: string): Promise<void> {
  for (const child of childrenOf(place)) await remove(child);
  for (let attempt = 1; ; attempt += 1) {
    try {
      rmdirSync(place);
      return;
    } catch (error) {
      if (attempt === ATTEMPTS) throw error;
      await sleep(INTERVAL_MS); // busy until the last process in it has been reaped
    }
  }
}
