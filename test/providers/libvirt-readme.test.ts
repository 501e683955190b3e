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
import { FUNCTIONS_OF_0_5_4, NAMES_OF_0_5_4, OTHER_RESOURCES_OF_0_5_4 } from "../fixtures/libvirt-names";
import { sdkProperties } from "../fixtures/sdk-properties";

/** The README's tables say what the provider does, and what a program for 0.5.4 finds and does not find in it. */

const text = readFileSync(join(__dirname, "../../providers/libvirt/README.md"), "utf8");

const NOT_COVERED = "not covered";

const sectionOf = (resource: string): string =>
  text.split(/^## /m).find((part) => part.startsWith(`${resource}\n`)) ?? "";

/** Property, and what a change of it costs. */
const rowsOf = (resource: string): readonly (readonly [string, string])[] =>
  [...sectionOf(resource).matchAll(/^\| `([^`]+)`\s*\| ([a-z ]+?)\s*\|/gm)].map(([, property = "", cost = ""]) => [
    property,
    cost,
  ]);

it.each<readonly [string, Readonly<Record<string, Cost>>]>([
  ["Network", NETWORK_CHANGES],
  ["Pool", POOL_CHANGES],
  ["Volume", VOLUME_CHANGES],
  ["CloudInitDisk", CLOUD_INIT_DISK_CHANGES],
  ["Domain", DOMAIN_CHANGES],
])("has a line for every property of a %s, with what a change costs", (name, changes) => {
  expect(Object.fromEntries(rowsOf(name).filter(([, cost]) => cost !== NOT_COVERED))).toEqual(changes);
});

describe.each(Object.entries(NAMES_OF_0_5_4))("of 0.5.4's properties of a %s", (name, names: readonly string[]) => {
  const own = sdkProperties(name);

  it("each is typed here, or said to be missing", () => {
    const missing = names.filter((each) => !own.includes(each));
    // Of what is missing as a whole, its root says enough.
    const roots = missing.filter(
      (each) => !missing.some((other) => new RegExp(`^${other.replaceAll("[]", "..")}[.[]`).test(each)),
    );
    const told = rowsOf(name).filter(([, cost]) => cost === NOT_COVERED);
    expect(told.map(([property]) => property).toSorted()).toEqual(roots.toSorted());
  });

  it("none is said to be beyond it, and all else is", () => {
    const beyond = [...sectionOf(name).matchAll(/^\| `(\w+)` .*\| beyond 0\.5\.4 +\|$/gm)].map(([, each = ""]) => each);
    const others = own.filter((each) => /^\w+$/.test(each) && !names.includes(each));
    expect(beyond.toSorted()).toEqual(others.toSorted());
  });
});

it("names at its beginning all that goes beyond 0.5.4", () => {
  const beyond = [...text.matchAll(/^\| `(\w+)` .*\| beyond 0\.5\.4 +\|$/gm)].map(([, each = ""]) => each);
  const [beginning = ""] = text.split(/^## /m);
  expect(new Set(beyond.filter((each) => !beginning.includes(`\`${each}\``)))).toEqual(new Set());
});

it("says which of 0.5.4's functions are missing", () => {
  for (const name of FUNCTIONS_OF_0_5_4) expect(text).toContain(`\`${name}\``);
});

it("says which of 0.5.4's resources are missing", () => {
  const resources = OTHER_RESOURCES_OF_0_5_4.map((name) => `\`${name}\``).join(" and ");
  expect(text).toContain(`Not covered: the resources ${resources};`);
});
