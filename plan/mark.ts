import { createHash } from "node:crypto";

/** Whose a libvirt object is. Nothing that does not carry this stack's mark is ever changed or removed. */
export interface Mark {
  /** Hexadecimal random id of the stack (random.RandomId), made once and never changed. */
  readonly stackId: string;
  readonly project: string;
  readonly stack: string;
  /** Of the resource's URN, which is too long for some places: the first 16 digits of its SHA-256. */
  readonly resource: string;
}

/** `urn:pulumi:STACK::PROJECT::TYPE::NAME` */
export function markOf(stackId: string, urn: string): Mark {
  const [, , stack = "", , project = ""] = urn.split(":");
  return { stackId, project, stack, resource: createHash("sha256").update(urn).digest("hex").slice(0, 16) };
}

/** One word without spaces, commas or quotes: it also has to stand in a DNS TXT record. */
export const markText = ({ stackId, project, stack, resource }: Mark): string =>
  [stackId, project, stack, resource].map(encodeURIComponent).join("/");

export function parseMark(text: string): Mark | undefined {
  const parts = text.trim().split("/");
  if (parts.length !== 4) return undefined;
  try {
    const [stackId = "", project = "", stack = "", resource = ""] = parts.map(decodeURIComponent);
    return { stackId, project, stack, resource };
  } catch {
    return undefined;
  }
}

export const sameStack = (one: Mark, other: Mark): boolean => one.stackId === other.stackId;
export const sameResource = (one: Mark, other: Mark): boolean =>
  sameStack(one, other) && one.resource === other.resource;

/** `checkout`: that which made the stack, where it is known. */
export const ownerText = (mark: Omit<Mark, "resource"> | undefined, checkout?: string): string =>
  mark === undefined
    ? "nobody's that is known: it carries no mark of this project"
    : `that of stack ${mark.stack} of project ${mark.project}${checkout === undefined ? "" : ` in ${checkout}`}, id ${mark.stackId}`;
