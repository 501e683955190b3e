import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import * as random from "@pulumi/random";
import type { ExperimentConfig } from "../plan/experiment-config";
import type { ExperimentOutputs, ImageOutput, NodeRole } from "../plan/experiment-outputs";
import type { ImageFacts } from "../plan/image-facts";
import { isOnThisMachine } from "../plan/libvirt-uri";
import { imageOf, sharedContainerImages } from "../plan/role-images";
import type { MachinePlan, Topology } from "../plan/topology";
import { StackKey } from "../resources/stack-key";
import { Cluster } from "./cluster";
import { LabNetwork } from "./lab-network";
import { withLibvirtTimeouts } from "./libvirt-timeouts";
import { Machine, type MachineArgs } from "./machine";
import { NodeImage } from "./node-image";
import { UploadedImage, type HostImage } from "./uploaded-image";
import { Workload } from "./workload";

/** One experiment: everything of a stack, and what the stack tells the world. */

export interface ExperimentArgs {
  readonly config: ExperimentConfig;
  readonly topology: Topology;
  readonly libvirtUri: string;
  /** The same one twice unless they differ. */
  readonly images: Readonly<Record<NodeRole, ExperimentImage>>;
}

export interface ExperimentImage {
  readonly facts: ImageFacts;
  readonly drvPath: string;
  readonly outPath: string;
}

const STACK_ID_BYTES = 8;

const imageOutput = ({ facts, path }: NodeImage): pulumi.Output<ImageOutput> =>
  pulumi.output({ flavour: facts.flavour, path });

export class Experiment extends pulumi.ComponentResource {
  /** In every mark of the stack. */
  declare readonly stackId: pulumi.Output<string>;
  /** Absent when the configuration has none. */
  declare readonly workload?: Workload;
  declare readonly outputs: { readonly [Key in keyof ExperimentOutputs]: pulumi.Output<ExperimentOutputs[Key]> };

  constructor(name: string, args: ExperimentArgs, options?: pulumi.ComponentResourceOptions) {
    super(
      "replikube:index:Experiment",
      name,
      {},
      { ...options, transformations: [...(options?.transformations ?? []), withLibvirtTimeouts(args.topology)] },
    );
    const { config, topology, libvirtUri, images } = args;
    const { stack, acceleration, deadlinesFactor, deadlines = {} } = topology;
    const parent = { parent: this };
    const stackId = new random.RandomId("stack-id", { byteLength: STACK_ID_BYTES }, parent).hex;
    this.stackId = stackId;
    const key = new StackKey("stack-key", { comment: topology.cluster.name }, parent);
    const imageArgs = (role: NodeRole) => {
      const { flake, attribute } = imageOf(config, role);
      return { stack, flake, attribute, nixSettings: config.nixSettings, ...images[role] };
    };
    const nodeImage = new NodeImage("node-image", imageArgs("control-plane"), parent);
    // The same derivation is the same image, from whichever settings it comes.
    const workerImage =
      images.worker.drvPath === images["control-plane"].drvPath
        ? nodeImage
        : new NodeImage("node-image-worker", { ...imageArgs("worker"), role: "worker" }, parent);
    const nodeImages = { "control-plane": nodeImage, worker: workerImage };

    const provider = new libvirt.Provider("libvirt", { uri: libvirtUri }, parent);
    const inLibvirt = { ...parent, providers: { libvirt: provider } };
    const plans = [...topology.controlPlanes, ...topology.workers];
    const network = new LabNetwork("network", { plan: topology.network, machines: plans, stackId }, inLibvirt);
    const pool = new libvirt.Pool(
      "pool",
      { name: topology.pool.name, type: "dir", path: topology.pool.path, stackId },
      { ...parent, provider },
    );

    // A host on another machine has no Nix store of ours.
    const onHost = (image: NodeImage, imageName: string, { outPath }: ExperimentImage): HostImage =>
      isOnThisMachine(libvirtUri)
        ? image
        : new UploadedImage(imageName, { image, outPath, pool, prefix: topology.pool.name, stackId }, inLibvirt);
    const controlPlaneImage = onHost(nodeImage, "host-image", images["control-plane"]);
    const hostImages = {
      "control-plane": controlPlaneImage,
      worker: workerImage === nodeImage ? controlPlaneImage : onHost(workerImage, "host-image-worker", images.worker),
    };

    const access = { stack, libvirtUri, privateKey: key.privateKey, deadlinesFactor, deadlines };
    const machineOf = (plan: MachinePlan, order: Pick<MachineArgs, "founder" | "after"> = {}): Machine =>
      new Machine(
        `${plan.role}-${plan.index}`,
        {
          plan,
          acceleration,
          image: hostImages[plan.role],
          network,
          pool,
          stackId,
          publicKey: key.publicKey,
          access,
          ...order,
        },
        inLibvirt,
      );
    const [controlPlane, ...others] = topology.controlPlanes.map((plan) => machineOf(plan));
    if (controlPlane === undefined || others.length > 0)
      throw new pulumi.RunError("expected exactly one control plane");
    const cluster = new Cluster(
      "cluster",
      {
        plan: topology.cluster,
        acceleration,
        access,
        controlPlane,
        workers: topology.workers.map(
          (plan) => (after) => machineOf(plan, { founder: controlPlane, ...(after !== undefined && { after }) }),
        ),
        replace: topology.replace,
        containerImages: sharedContainerImages([nodeImage.facts, workerImage.facts]),
      },
      parent,
    );
    const { kubernetesVersion } = topology.cluster;
    if (config.workload !== undefined) {
      this.workload = new Workload(
        "workload",
        {
          settings: config.workload,
          kubernetesVersion,
          libvirtUri,
          kubeconfig: cluster.init.kubeconfig,
          clusterInstance: cluster.init.clusterInstance,
        },
        { ...parent, dependsOn: cluster.ready },
      );
    }

    this.outputs = {
      kubernetesVersion: pulumi.output(kubernetesVersion),
      image: imageOutput(nodeImage),
      libvirtUri: pulumi.output(libvirtUri),
      endpoint: cluster.init.endpoint,
      nodes: pulumi.output(
        [controlPlane, ...cluster.workers].map(({ plan: { nodeName, domainName, role, index, address }, guest }) => ({
          name: nodeName,
          domain: domainName,
          role,
          index,
          address,
          hostKey: guest.hostKey,
          ...(nodeImages[role] !== nodeImage && { image: imageOutput(nodeImages[role]) }),
        })),
      ),
      kubeconfig: cluster.init.kubeconfig,
      sshPrivateKey: key.privateKey,
    };
    this.registerOutputs({ endpoint: this.outputs.endpoint });
  }
}
