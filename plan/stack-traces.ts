/** What a stack's state says about where its objects are and whose mark they carry: destroy's proof needs it when nothing else is left to say so. */
export interface StackTraces {
  /** The random id in every mark. */
  readonly stackId?: string;
  readonly libvirtUri?: string;
}

export interface StateResource {
  readonly urn: string;
  readonly type: string;
  /** Of a resource that was replaced and could not be deleted yet. */
  readonly delete?: boolean;
  readonly id?: string;
  readonly inputs?: Readonly<Record<string, unknown>>;
  readonly outputs?: Readonly<Record<string, unknown>>;
}

interface Exported {
  readonly deployment?: { readonly resources?: readonly StateResource[] };
}

/** Of the text that `pulumi stack export` gives. */
export function resourcesOf(exportedText: string): readonly StateResource[] {
  const exported: Exported = JSON.parse(exportedText);
  return exported.deployment?.resources ?? [];
}

export function tracesOf(exportedText: string): StackTraces {
  const resources = resourcesOf(exportedText);
  const textOf = (wanted: string, read: (resource: StateResource) => unknown): string | undefined => {
    const found = resources.filter(({ type }) => type === wanted).map(read);
    return found.find((value) => typeof value === "string" && value !== "")?.toString();
  };
  const stackId = textOf("random:index/randomId:RandomId", ({ outputs }) => outputs?.["hex"]);
  const libvirtUri = textOf("pulumi:providers:libvirt", ({ inputs }) => inputs?.["uri"]);
  return { ...(stackId !== undefined && { stackId }), ...(libvirtUri !== undefined && { libvirtUri }) };
}
