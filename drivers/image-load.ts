import type { Readable } from "node:stream";
import { missingImages } from "../plan/image-archive";
import { shellLine } from "../plan/shell";
import type { Argv } from "../plan/step";
import { CommandError, type FailureContext } from "./errors";
import { runLocally } from "./local-runner";
import { waitUntil } from "./wait";

/** Brings container images into containerd of a node: there is no registry that a node could pull from. */

/** As the image build labels its own: known to the kubelet, and never collected, for it could not be pulled again. */
const LABELS = ["io.cri-containerd.image=managed", "io.cri-containerd.pinned=pinned"] as const;

const IMPORT: Argv = [
  "ctr",
  "--namespace",
  "k8s.io",
  "images",
  "import",
  ...LABELS.flatMap((label) => ["--label", label]),
  "-",
];

const LIST: Argv = ["crictl", "images", "--output", "json"];

/** containerd's CRI part hears of new images by events, so the list may lag behind the import. */
const LIST_LAG_SECONDS = 30;

export interface LoadTarget {
  readonly machine: string;
  /** The local command that runs a command on the node with its standard input passed on (ssh). */
  readonly on: (command: Argv) => Argv;
}

export interface LoadOptions {
  readonly deadlineSeconds: number;
}

/** Streams the archive in and proves by crictl that every image is there and pinned. */
export async function loadImages(
  target: LoadTarget,
  images: readonly string[],
  archive: Readable,
  { deadlineSeconds }: LoadOptions,
): Promise<void> {
  const context = (step: string): FailureContext => ({
    machine: target.machine,
    step,
    next: `look at containerd: ./lab ssh ${target.machine} -- journalctl -u containerd`,
  });
  const imported = await runLocally(target.on(IMPORT), { input: archive, deadlineSeconds });
  if (imported.exitCode !== 0) {
    const output = imported.stderr || imported.stdout;
    throw new CommandError(context("import container images"), shellLine(IMPORT), imported.exitCode, output);
  }
  await waitUntil(
    async () => {
      const listed = await runLocally(target.on(LIST), { deadlineSeconds });
      if (listed.exitCode !== 0) return { done: false, seen: listed.stderr };
      const missing = missingImages(images, listed.stdout);
      return missing.length === 0 ? { done: true, value: undefined } : { done: false, seen: missing.join("\n") };
    },
    {
      context: context("prove the container images"),
      awaited: "all of them in crictl's list, pinned",
      deadlineSeconds: LIST_LAG_SECONDS,
      intervalSeconds: 1,
    },
  );
}
