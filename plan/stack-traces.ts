/** What a stack's state says about where its objects are and whose mark they carry: destroy's proof needs it when nothing else is left to say so. */
export interface StackTraces {
  /** The random id in every mark. */
  readonly stackId?: string;
  readonly libvirtUri?: string;
  /** Where the disks are, on the libvirt host; several when they were to be put elsewhere. */
  readonly poolFolders: readonly string[];
}

export const NO_TRACES: StackTraces = { poolFolders: [] };

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
  const textsOf = (wanted: string, read: (resource: StateResource) => unknown): readonly string[] =>
    resources
      .filter(({ type }) => type === wanted)
      .map(read)
      .filter((value) => typeof value === "string" && value !== "")
      .map(String);
  const [stackId] = textsOf("random:index/randomId:RandomId", ({ outputs }) => outputs?.["hex"]);
  const [libvirtUri] = textsOf("pulumi:providers:libvirt", ({ inputs }) => inputs?.["uri"]);
  return {
    ...(stackId !== undefined && { stackId }),
    ...(libvirtUri !== undefined && { libvirtUri }),
    poolFolders: textsOf("libvirt:index/pool:Pool", ({ inputs }) => inputs?.["path"]),
  };
}
