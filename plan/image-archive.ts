/** The names of the images in an archive of container images, as containerd's importer will call them. */
export interface ArchiveIndexes {
  /** manifest.json of `docker save`; undefined when the archive has none. */
  readonly manifestJson?: string;
  /** index.json of an OCI layout; containerd prefers it. */
  readonly indexJson?: string;
}

const IMAGE_NAME = "io.containerd.image.name";

/** `alpine` is `docker.io/library/alpine:latest` to every container runtime. */
export function normaliseReference(reference: string): string {
  const [first = "", ...rest] = reference.split("/");
  const hasRegistry = rest.length > 0 && (/[.:]/.test(first) || first === "localhost");
  const path = hasRegistry ? rest.join("/") : reference;
  const repository = !hasRegistry && rest.length === 0 ? `library/${path}` : path;
  const tagged = /[:@]/.test(path) ? repository : `${repository}:latest`;
  return `${hasRegistry ? first : "docker.io"}/${tagged}`;
}

interface Annotated {
  readonly annotations?: Readonly<Record<string, string>>;
}

interface SavedImage {
  readonly RepoTags?: readonly string[] | null;
}

/** Empty when no image in it has a full name: nothing could then refer to it from a pod. */
export function imageNames({ manifestJson, indexJson }: ArchiveIndexes): readonly string[] {
  const names: string[] = [];
  if (indexJson !== undefined) {
    const { manifests = [] }: { readonly manifests?: readonly Annotated[] } = JSON.parse(indexJson);
    for (const { annotations } of manifests) names.push(annotations?.[IMAGE_NAME] ?? "");
  } else if (manifestJson !== undefined) {
    const saved: readonly SavedImage[] = JSON.parse(manifestJson);
    for (const { RepoTags } of saved) names.push(...(RepoTags ?? []).map(normaliseReference));
  }
  return [...new Set(names.filter((name) => name !== ""))].sort();
}

interface ListedImage {
  readonly repoTags?: readonly string[];
  readonly pinned?: boolean;
}

/** What `crictl images -o json` lacks: an image that is not there, or that the kubelet may collect. */
export function missingImages(wanted: readonly string[], crictlImages: string): readonly string[] {
  const { images = [] }: { readonly images?: readonly ListedImage[] } = JSON.parse(crictlImages);
  return wanted.flatMap((name) => {
    const found = images.find((image) => image.repoTags?.includes(name) === true);
    if (found === undefined) return [`${name} is not there`];
    return found.pinned === true ? [] : [`${name} is not pinned`];
  });
}
