import { isMap, isSeq, parse, parseDocument, stringify, type Document, type YAMLMap } from "yaml";

/** Kubeconfig files as text: the cluster's own under one name, merged into the user's and taken out again. */

interface Named {
  readonly name: string;
}

interface AdminKubeconfig {
  readonly clusters: readonly (Named & { readonly cluster: object })[];
  readonly users: readonly (Named & { readonly user: object })[];
}

const SECTIONS = ["clusters", "contexts", "users"] as const;

/** kubeadm's admin.conf with cluster, user and context all called `name`. */
export function renameKubeconfig(adminConf: string, name: string): string {
  const admin: AdminKubeconfig = parse(adminConf);
  const [cluster, user] = [admin.clusters[0]?.cluster, admin.users[0]?.user];
  if (cluster === undefined || user === undefined) throw new Error("the stack's kubeconfig has no cluster or no user");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    "current-context": name,
    clusters: [{ name, cluster }],
    contexts: [{ name, context: { cluster: name, user: name } }],
    users: [{ name, user }],
  });
}

interface Connected {
  readonly clusters?: readonly { readonly cluster?: { readonly server?: string } }[];
}

/** Of the first cluster. */
export function apiServerOf(kubeconfig: string): { readonly host: string; readonly port: number } {
  const { clusters }: Connected = parse(kubeconfig) ?? {};
  const url = new URL(clusters?.[0]?.cluster?.server ?? "");
  return { host: url.hostname, port: Number(url.port || "443") };
}

/** By a port of this machine, to the server that was meant: its certificate has to be for that one. */
export function redirectKubeconfig(kubeconfig: string, port: number): string {
  const { host } = apiServerOf(kubeconfig);
  const document = parseDocument(kubeconfig);
  document.setIn(["clusters", 0, "cluster", "server"], `https://127.0.0.1:${port}`);
  document.setIn(["clusters", 0, "cluster", "tls-server-name"], host);
  return document.toString({ lineWidth: 0 });
}

const EMPTY = "apiVersion: v1\nkind: Config\n";

/** An empty file is an empty configuration. */
function openKubeconfig(text: string): Document {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new Error(`the kubeconfig is no YAML: ${document.errors[0]?.message ?? ""}`);
  return document.contents === null ? parseDocument(EMPTY) : document;
}

const hasName = (entry: unknown, name: string): entry is YAMLMap => isMap(entry) && entry.get("name") === name;

function withoutName(document: Document, section: string, name: string): void {
  const list = document.get(section);
  if (isSeq(list)) list.items = list.items.filter((entry) => !hasName(entry, name));
}

/** Takes over everything called `name` from `addition`; the current context stays, unless there is none. */
export function mergeKubeconfig(existing: string, addition: string, name: string): string {
  const document = openKubeconfig(existing);
  const added = parseDocument(addition);
  for (const section of SECTIONS) {
    withoutName(document, section, name);
    const entries = added.get(section);
    const own = isSeq(entries) ? entries.items.filter((entry) => hasName(entry, name)) : [];
    const list = document.get(section);
    if (isSeq(list)) {
      list.flow = false; // kubectl leaves `clusters: []`
      for (const entry of own) list.add(entry);
    } else {
      document.set(section, own);
    }
  }
  if (!document.get("current-context")) document.set("current-context", name);
  return document.toString({ lineWidth: 0 });
}

/** Removes everything called `name`, and the current context when it was that; the same text when nothing was. */
export function removeFromKubeconfig(existing: string, name: string): string {
  const document = openKubeconfig(existing);
  const isThere = SECTIONS.some((section) => {
    const list = document.get(section);
    return isSeq(list) && list.items.some((entry) => hasName(entry, name));
  });
  if (!isThere && document.get("current-context") !== name) return existing;
  for (const section of SECTIONS) withoutName(document, section, name);
  if (document.get("current-context") === name) document.set("current-context", "");
  return document.toString({ lineWidth: 0 });
}
