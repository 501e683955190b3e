/**
 * Pulumi asks on a terminal; without one it must be told. Preview never asks. The preview of a refresh looks at everything as the refresh
 * itself does, and waits as long for what is dead; nobody would answer to it. That of an up finds mistakes before anything is touched.
 */

export const VERBS = ["up", "preview", "refresh", "destroy"] as const;
export type Verb = (typeof VERBS)[number];

/** What goes before the arguments that were given: theirs win, and a word that is said twice does no harm. */
export function confirmation(verb: Verb, args: readonly string[], isTerminal: boolean): readonly string[] {
  const isLook = verb === "preview" || args.some((arg) => /^--preview-only(=true)?$/.test(arg));
  if (isTerminal || isLook) return [];
  return verb === "up" ? ["--yes"] : ["--yes", "--skip-preview"];
}
