/**
 * The settings of an experiment: types, defaults, limits and descriptions, the one source of validation and of what
 * Pulumi.yaml declares (a test compares them). The empty text and 0 mean "as the description says when it is empty".
 */
import { z } from "zod";
import { parseCidr } from "../plan/addresses";
import { DEADLINE_NAMES, DEADLINES } from "../plan/deadlines";
import { ttlSeconds } from "../plan/ttl";

/** Pulumi would tell strangers that an undeclared key is missing; these are structured, which it cannot check. */
export const STRUCTURED_KEYS: readonly string[] = ["images", "nixSettings", "deadlines", "kubernetes", "workload"];

/** Least: what waits gives up five seconds earlier, so that its own message is seen. Most: a day. */
const DEADLINE_SECONDS = { least: 10, most: 86_400 };

const integer = (minimum: number, maximum: number): z.ZodNumber =>
  z.int("expected an integer").min(minimum, `expected at least ${minimum}`).max(maximum, `expected at most ${maximum}`);

const block = z
  .string("expected a text")
  .refine(
    (text) => parseCidr(text) !== undefined,
    "expected an IPv4 block such as 10.77.0.0/16 with no bits set beyond its prefix",
  );

const oneOf = <const T extends readonly [string, ...string[]]>(...values: T) =>
  z.enum(values, `expected ${values.slice(0, -1).join(", ")} or ${values.at(-1) ?? ""}`);

const text = z.string("expected a text");

const BY_NAME = "expected settings by name";

const imageFlavour = oneOf("nixos", "debian", "tiny");

const roleImage = z
  .strictObject(
    {
      flavour: imageFlavour.optional().describe("Absent: imageFlavour."),
      flake: text.optional().describe("Absent: imageFlake."),
      attribute: text.optional().describe("Absent: imageAttribute; with another flavour, that one's default."),
    },
    BY_NAME,
  )
  .optional();

const nixSettingName = z
  .string()
  .regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, "expected the name of a setting of Nix, such as max-jobs")
  .refine((name) => name !== "access-tokens", "is a secret, which the stack's state would hold: set it in NIX_CONFIG");

/** In nix.conf another line is another setting, and # begins a comment. */
const nixSettingValue = z
  .union([z.string(), z.boolean(), z.number()], "expected a text, a number, true or false")
  .transform(String)
  .refine((value) => /^[^\n\r#]*$/.test(value), "expected one line without #");

/** kube-apiserver takes at most 2^20 service addresses, kubeadm wants at least 10. */
const SERVICE_PREFIX = { least: 12, most: 28 };

/** A label's or taint's key, with an optional DNS prefix. */
const labelKey = z
  .string()
  .regex(/^([a-z0-9.-]{1,253}\/)?[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?$/, "expected a Kubernetes label key");
const labelValue = z
  .string("expected a text, in quotes when it looks like a number")
  .regex(/^([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?$/, "expected a Kubernetes label value");

const taint = z
  .strictObject(
    {
      key: labelKey,
      value: labelValue.optional(),
      effect: oneOf("NoSchedule", "PreferNoSchedule", "NoExecute"),
    },
    BY_NAME,
  )
  .transform(({ key, value, effect }) => ({ key, ...(value === undefined ? {} : { value }), effect }));

const role = z.strictObject(
  {
    labels: z.record(labelKey, labelValue, BY_NAME).default({}).describe("Labels of the role's nodes."),
    taints: z
      .array(taint, "expected a list")
      .default([])
      .describe("Taints of the role's nodes, besides kubeadm's own."),
  },
  BY_NAME,
);

const patch = z.record(z.string(), z.unknown(), BY_NAME).default({});

const kubernetes = z.strictObject(
  {
    kubeadm: patch.describe("Merged over our ClusterConfiguration (kubeadm.k8s.io/v1beta4)."),
    kubelet: patch.describe("Merged over our KubeletConfiguration."),
    roles: z
      .strictObject(
        {
          "control-plane": role.prefault({}).describe("Of the control planes."),
          worker: role.prefault({}).describe("Of the workers."),
        },
        BY_NAME,
      )
      .prefault({})
      .describe("Labels and taints by role."),
  },
  BY_NAME,
);

const deadline = integer(DEADLINE_SECONDS.least, DEADLINE_SECONDS.most).optional();

const deadlines = z.strictObject(
  Object.fromEntries(
    DEADLINE_NAMES.map((name) => [name, deadline.describe(`${DEADLINES[name].seconds}: ${DEADLINES[name].of}`)]),
  ),
  BY_NAME,
);

const workload = z.strictObject(
  {
    manifests: z
      .array(text)
      .default([])
      .describe("Manifest files, applied in this order; paths relative to the project."),
    command: text
      .default("")
      .describe("Shell line that runs on the host once the cluster is ready, with KUBECONFIG set."),
  },
  BY_NAME,
);

export const experimentSchema = z.strictObject({
  imageFlavour: imageFlavour
    .default("debian")
    .describe("How the node image is made; tiny has no real Kubernetes and serves tests."),
  imageFlake: text.default(".").describe("Flake that builds the node image: a path or any flake reference."),
  imageAttribute: text
    .default("")
    .describe("Package of the flake that is the node image. Empty: node-image for nixos, else node-image-<flavour>."),
  images: z
    .strictObject(
      {
        "control-plane": roleImage.describe("Of the control planes."),
        worker: roleImage.describe("Of the workers."),
      },
      BY_NAME,
    )
    .prefault({})
    .describe("Another image for a role than the stack's. By role, so that what makes one image stands in one place."),
  nixSettings: z
    .record(nixSettingName, nixSettingValue, BY_NAME)
    .default({})
    .describe("Settings of Nix for the images, such as builders, store and max-jobs; they win over NIX_CONFIG's."),
  controlPlanes: integer(1, 10).default(1).describe("Number of control planes. One, for now."),
  workers: integer(0, 1000).default(1).describe("Number of workers."),
  controlPlaneVcpus: integer(1, 256).default(2).describe("Virtual CPUs of a control plane."),
  controlPlaneMemoryMiB: integer(64, 1_048_576).default(3072).describe("Memory of a control plane, MiB."),
  workerVcpus: integer(1, 256).default(2).describe("Virtual CPUs of a worker."),
  workerMemoryMiB: integer(64, 1_048_576).default(2048).describe("Memory of a worker, MiB."),
  diskGiB: integer(1, 65_536)
    .default(12)
    .describe("Size of every machine's root disk, GiB; only what is written takes room."),
  replace: oneOf("parallel", "rolling")
    .default("parallel")
    .describe("How workers are made and replaced: parallel, or rolling: each waits until the one before is Ready."),
  nodeNameTemplate: text
    .default("")
    .describe("Host name of a node, from {project}, {stack}, {role} and {index}. Empty: the image's own rule."),
  cidrPool: block
    .default("10.77.0.0/16")
    .describe("The stack takes a free /24 for its machines from here, and keeps it."),
  podSubnet: block.default("10.244.0.0/16").describe("Addresses of pods; every node gets a /24 of it."),
  serviceSubnet: block
    .refine((value) => {
      const prefix = parseCidr(value)?.prefix;
      return prefix === undefined || (prefix >= SERVICE_PREFIX.least && prefix <= SERVICE_PREFIX.most);
    }, `expected a block between /${SERVICE_PREFIX.least} and /${SERVICE_PREFIX.most}`)
    .default("10.96.0.0/16")
    .describe("Addresses of services."),
  cni: text
    .refine(
      (value) => ["flannel", "none"].includes(value) || /\.(ya?ml|json)$/.test(value),
      "expected flannel, none or the path of a .yaml file",
    )
    .default("flannel")
    .describe("Pod network: flannel (inside the image), none, or the path of a manifest."),
  acceleration: oneOf("auto", "kvm", "tcg")
    .default("auto")
    .describe("kvm, tcg (emulation), or auto: KVM where it is proven to run a guest, else TCG."),
  deadlinesFactor: integer(0, 100)
    .default(0)
    .describe("Multiplies the default of every deadline. 0: 1 with KVM, 5 with TCG."),
  deadlines: deadlines.prefault({}).describe("How long what is waited for may take, by name, in seconds as they are."),
  egress: oneOf("none", "nat")
    .default("none")
    .describe("Whether machines reach beyond the stack's network: none, or nat."),
  libvirtUri: text
    .default("")
    .describe("libvirt to use. Empty: LIBVIRT_DEFAULT_URI, else the checkout's embedded host, else qemu:///system."),
  poolPath: text
    .refine((value) => value === "" || value.startsWith("/"), "expected an absolute path")
    .default("")
    .describe(
      "Folder for the stack's volumes on the libvirt host. Empty: below .state/stacks/<stack> of the checkout, on another host below /var/lib/libvirt/replikube.",
    ),
  ttl: text
    .refine((value) => value === "" || ttlSeconds(value) !== undefined, "expected a time such as 90m, 8h, 2d or 1w")
    .default("")
    .describe(
      "Time to live, such as 8h or 2d, counted from the last up: then ./lab gc destroys the stack. Empty: none.",
    ),
  kubernetes: kubernetes
    .prefault({})
    .describe("Patches of kubeadm's and the kubelet's configuration, labels and taints."),
  workload: workload.optional().describe("What runs on the ready cluster."),
});

export type ExperimentSettings = z.output<typeof experimentSchema>;
