import type { Change, Properties, Resource } from "./resource";

/** Compares inputs exactly: the path of every leaf that changed, and whether that replaces the resource. */

const isTree = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null;

/** Names that are no identifiers are quoted, as the engine's property paths have it. */
const step = (prefix: string, name: string, inList: boolean): string => {
  if (inList) return `${prefix}[${name}]`;
  if (!/^[A-Za-z_$][\w$-]*$/.test(name)) return `${prefix}[${JSON.stringify(name)}]`;
  return prefix === "" ? name : `${prefix}.${name}`;
};

export function differences(olds: Properties, news: Properties, prefix = ""): readonly Change[] {
  const inList = Array.isArray(news);
  const names = new Set([...Object.keys(olds), ...Object.keys(news)]);
  return [...names].flatMap((name): readonly Change[] => {
    if (name.startsWith("__")) return []; // the engine's own: __defaults, __provider
    const path = step(prefix, name, inList);
    const [before, after] = [olds[name], news[name]];
    if (before === after) return [];
    if (before === undefined) return [{ path, kind: "ADD" }];
    if (after === undefined) return [{ path, kind: "DELETE" }];
    if (isTree(before) && isTree(after) && Array.isArray(before) === Array.isArray(after)) {
      return differences(before, after, path);
    }
    return [{ path, kind: "UPDATE" }];
  });
}

/** First name of a property path. */
export const topOf = (path: string): string => path.split(/[.[]/, 1)[0] ?? path;

const covers = (rule: string, path: string): boolean =>
  path === rule || path.startsWith(`${rule}.`) || path.startsWith(`${rule}[`);

export const replacesBy = (resource: Resource, { path, replaces }: Change): boolean =>
  resource.update === undefined ||
  (replaces ?? (resource.replaceOn ?? []).some((rule) => covers(rule, path) || covers(path, rule)));
