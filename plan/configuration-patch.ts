import type { ConfigurationPatch } from "./experiment-config";
import { PlanError, type Problem } from "./problems";

/** Merges what a user asks for over a configuration of ours, and refuses what another setting already decides. */

/** A key that is not the user's, as a path with dots, and the setting to use in its place. */
export type OwnedKeys = Readonly<Record<string, string>>;

type Mapping = Readonly<Record<string, unknown>>;

const isMapping = (value: unknown): value is Mapping =>
  typeof value === "object" && value !== null && !Array.isArray(value);

interface Named extends Mapping {
  readonly name: string;
}

const isNamedList = (value: unknown): value is readonly Named[] =>
  Array.isArray(value) && value.every((item) => isMapping(item) && typeof item["name"] === "string");

/** Objects merge by key, kubeadm's argument lists by name, everything else replaces. */
export function mergePatch(ours: Mapping, patch: Mapping): Mapping {
  const merged: Record<string, unknown> = { ...ours };
  for (const [key, value] of Object.entries(patch)) {
    const current = merged[key];
    if (isMapping(current) && isMapping(value)) merged[key] = mergePatch(current, value);
    else if (isNamedList(current) && isNamedList(value)) {
      const names = new Set(value.map(({ name }) => name));
      merged[key] = [...current.filter(({ name }) => !names.has(name)), ...value];
    } else merged[key] = value;
  }
  return merged;
}

const valueAt = (mapping: Mapping, path: string): unknown =>
  path.split(".").reduce<unknown>((value, key) => (isMapping(value) ? value[key] : undefined), mapping);

/** `where` is the path of the patch in the configuration, e.g. `kubernetes.kubeadm`. */
export const patchProblems = (patch: ConfigurationPatch, owned: OwnedKeys, where: string): readonly Problem[] =>
  Object.entries(owned)
    .filter(([path]) => valueAt(patch, path) !== undefined)
    .map(([path, instead]) => ({ path: `${where}.${path}`, text: `is not to be set here: ${instead}` }));

export function patched(ours: Mapping, patch: ConfigurationPatch, owned: OwnedKeys, where: string): Mapping {
  const problems = patchProblems(patch, owned, where);
  if (problems.length > 0) throw new PlanError(problems);
  return mergePatch(ours, patch);
}
