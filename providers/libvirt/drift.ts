import { isStacks } from "../../drivers/libvirt/ownership";
import type { Mark } from "../../plan/mark";
import { differences, topOf } from "../kit/diff";
import type { Change, Properties } from "../kit/resource";
import { markFor } from "./connection";

/**
 * What a refresh saw that the inputs do not say. Inputs stay what the program asked for, outputs say what is: the difference is
 * what the next up repairs. What no property holds stands in words, in outputs that are absent while all is well. What an earlier
 * refresh saw is no news of this one: it may have been undone, so outputs begin as the inputs.
 */

const NOT_KEPT = "is not kept: it goes when it stops";
const NO_MARK = "has no mark of this stack";

/** Of what libvirt keeps of an object. */
export const definitionWords = (
  { persistent, mark }: { readonly persistent: boolean; readonly mark: Mark | undefined },
  { urn, stackId }: { readonly urn: string; readonly stackId: string | undefined },
  rest: readonly string[],
): readonly string[] => [
  ...(persistent ? [] : [NOT_KEPT]),
  ...(stackId === undefined || isStacks(mark, markFor(stackId, urn)) ? [] : [NO_MARK]),
  ...rest,
];

/** In words, for an output; absent when there is nothing to say. */
export const inWords = (parts: readonly string[]): string | undefined =>
  parts.length === 0 ? undefined : parts.join("; ");

/** Those of `seen` that differ from `wanted`, for the outputs. */
export function drifted(wanted: Properties, seen: Properties): Properties {
  const names = new Set(driftedPaths(wanted, seen).map(topOf));
  return Object.fromEntries([...names].map((name) => [name, seen[name]]));
}

/** Only of what was looked at. */
export const driftedPaths = (wanted: Properties, seen: Properties): readonly string[] =>
  differences(Object.fromEntries(Object.keys(seen).map((name) => [name, wanted[name]])), seen).map(({ path }) => path);

/** Between outputs and inputs, of the properties `names`. */
export const driftIn = (names: readonly string[], inputs: Properties, state: Properties): readonly Change[] => {
  const only = (of: Properties): Properties => Object.fromEntries(names.map((name) => [name, of[name]]));
  return differences(only(state), only(inputs)).map((change) => ({ ...change, drift: true }));
};

/** Outputs that are there only when something is not as it was made. */
export const driftInWords = (names: readonly string[], state: Properties): readonly Change[] =>
  names
    .filter((name) => state[name] !== undefined)
    .map((name): Change => ({ path: name, kind: "DELETE", drift: true }));

/** One that was stopped is started again. */
export const driftOfStopped = ({ active }: Properties): readonly Change[] =>
  active === false ? [{ path: "active", kind: "UPDATE", drift: true }] : [];

/** Whatever the same change costs in the program. */
export const inPlace = (changes: readonly Change[]): readonly Change[] =>
  changes.map((change) => ({ ...change, replaces: false }));

/** The program's own changes come first: what they cost, they cost with drift too. */
export const withDrift = (changes: readonly Change[], drift: readonly Change[]): readonly Change[] => [
  ...changes,
  ...drift.filter(({ path }) => !changes.some((change) => change.path === path)),
];
