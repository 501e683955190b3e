/** What a stack's state says about where its objects are and whose mark they carry: destroy's proof needs it when nothing else is left to say so. */
export interface StackTraces {
  /** The random id in every mark. */
  readonly stackId?: string;
  readonly libvirtUri?: string;
}

interface StateResource {
  readonly type: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Exported {
  readonly deployment?: { readonly resources?: readonly StateResource[] };
}

/** Of the text that `pulumi stack export` gives. */
export function tracesOf(exportedText: string): StackTraces {
  const exported: Exported = JSON.parse(exportedText);
  const textOf = (wanted: string, read: (resource: StateResource) => unknown): string | undefined => {
    const found = (exported.deployment?.resources ?? []).filter(({ type }) => type === wanted).map(read);
    return found.find((value) => typeof value === "string" && value !== "")?.toString();
  };
  const stackId = textOf("random:index/randomId:RandomId", ({ outputs }) => outputs?.["hex"]);
  const libvirtUri = textOf("pulumi:providers:libvirt", ({ inputs }) => inputs?.["uri"]);
  return { ...(stackId !== undefined && { stackId }), ...(libvirtUri !== undefined && { libvirtUri }) };
}
