/** Configuration, image and claim in, the whole experiment out. Everything that a preview shows of machines comes from here. */
import { join } from "node:path/posix";
import { nthAddress, parseCidr } from "./addresses";
import { DEADLINES_FACTOR } from "./deadlines";
import type { ExperimentConfig } from "./experiment-config";
import { nodeNameProblems } from "./experiment-problems";
import type { NodeRole } from "./experiment-outputs";
import { foundationOfMachine } from "./foundation";
import type { ImageFacts } from "./image-facts";
import { isOnThisMachine } from "./libvirt-uri";
import { consoleName } from "./libvirt/console-volume";
import { sanitizedPath } from "./libvirt/folder-path";
import { bridgeName, domainName, macAddresses, nodeName, stackObjectName, type NodeIdentity } from "./names";
import { GATEWAY_INDEX, STACK_PREFIX, addressIndex, nodeIdentities } from "./node-identities";
import { PlanError, type Problem } from "./problems";
import { imageProblems } from "./role-images";
import type { Acceleration, ClusterPlan, MachinePlan, Topology } from "./topology";

export interface PlanInputs {
  readonly project: string;
  readonly stack: string;
  /** Absolute path of the project. */
  readonly checkout: string;
  readonly config: ExperimentConfig;
  /** By role, and the same one twice unless they differ. The cluster's versions and names are those of the control plane's. */
  readonly images: Readonly<Record<NodeRole, { readonly facts: ImageFacts }>>;
  /** The stack's block, as claimed. */
  readonly cidr: string;
  readonly acceleration: Acceleration;
  readonly libvirtUri: string;
  /** Text of the manifest when `config.cni` is a path. */
  readonly cniManifest?: string;
}

export const API_SERVER_PORT = 6443;

const BYTES_PER_GIB = 2 ** 30;

/** The folder of everything that belongs to one stack and can go with it. */
export const stackDirectory = (checkout: string, stack: string): string => join(checkout, ".state", "stacks", stack);

/** Volumes on a host that has no checkout, where its own libvirt may have folders. */
const POOLS_ELSEWHERE = "/var/lib/libvirt/replikube";

/** Where things lie on the libvirt host. On another one a console lies beside the disks: libvirt hands out what is in a pool. */
function placesOf({ stack, checkout, config, libvirtUri }: PlanInputs, name: string) {
  const directory = stackDirectory(checkout, stack);
  const isHere = isOnThisMachine(libvirtUri);
  const own = config.poolPath === undefined ? undefined : sanitizedPath(config.poolPath);
  const pool = own ?? (isHere ? join(directory, "pool") : join(POOLS_ELSEWHERE, name));
  const consoleLog = (node: string): string =>
    isHere ? join(directory, "console", `${node}.log`) : join(pool, consoleName(node));
  return { pool, consoleLog };
}

const ROLE_SIZES = {
  "control-plane": { vcpus: "controlPlaneVcpus", memoryMiB: "controlPlaneMemoryMiB" },
  worker: { vcpus: "workerVcpus", memoryMiB: "workerMemoryMiB" },
} as const;

const clusterImage = ({ images }: PlanInputs): ImageFacts => images["control-plane"].facts;

function cniManifestOf({ config, cniManifest = "" }: PlanInputs, image: ImageFacts): string {
  if (config.cni === "none") return "";
  return config.cni === "flannel" ? image.cni.manifest : cniManifest;
}

function problemsOf({ project, stack, config, images, cidr }: PlanInputs, template: string): readonly Problem[] {
  const block = parseCidr(cidr);
  return [
    ...nodeNameProblems(template, { project, stack }, config),
    ...imageProblems(config, images),
    ...(block?.prefix === STACK_PREFIX ? [] : [{ path: "cidrPool", text: `${cidr} is no /${STACK_PREFIX}` }]),
  ];
}

function clusterPlan(inputs: PlanInputs, endpointHost: string): ClusterPlan {
  const { config } = inputs;
  const image = clusterImage(inputs);
  return {
    name: stackObjectName(inputs),
    kubernetesVersion: image.kubernetesVersion,
    podSubnet: config.podSubnet,
    serviceSubnet: config.serviceSubnet,
    endpointHost,
    endpointPort: API_SERVER_PORT,
    cniManifest: cniManifestOf(inputs, image),
    ...image.kubeadm,
    kubeadmPatch: config.kubernetes.kubeadm,
    kubeletPatch: config.kubernetes.kubelet,
  };
}

/** Throws `PlanError` with every problem there is. */
export function planTopology(inputs: PlanInputs): Topology {
  const { project, stack, config, acceleration } = inputs;
  // One rule for all: an image takes whatever name it is given.
  const template = config.nodeNameTemplate ?? clusterImage(inputs).nodeNameTemplate;
  const problems = problemsOf(inputs, template);
  const block = parseCidr(inputs.cidr);
  if (problems.length > 0 || block === undefined) throw new PlanError(problems);

  const name = stackObjectName(inputs);
  const places = placesOf(inputs, name);
  const identities = nodeIdentities({ project, stack }, config);
  const macs = macAddresses(identities);
  const cluster = clusterPlan(inputs, nthAddress(block, addressIndex("control-plane", 0)));
  const machine = (identity: NodeIdentity, position: number): MachinePlan => {
    const { role, index } = identity;
    const node = nodeName(template, identity);
    const planned = {
      role,
      index,
      nodeName: node,
      domainName: domainName(identity),
      volumeName: `${domainName(identity)}.qcow2`,
      mac: macs[position] ?? "",
      address: nthAddress(block, addressIndex(role, index)),
      vcpus: config[ROLE_SIZES[role].vcpus],
      memoryMiB: config[ROLE_SIZES[role].memoryMiB],
      diskBytes: config.diskGiB * BYTES_PER_GIB,
      labels: config.kubernetes.roles[role].labels,
      taints: config.kubernetes.roles[role].taints,
      consoleLog: places.consoleLog(node),
    };
    return { ...planned, foundation: foundationOfMachine(planned, { cluster, acceleration }) };
  };
  const machines = identities.map(machine);
  return {
    project,
    stack,
    acceleration,
    deadlinesFactor: config.deadlinesFactor ?? DEADLINES_FACTOR[acceleration],
    deadlines: config.deadlines,
    replace: config.replace,
    network: {
      name,
      bridge: bridgeName(inputs),
      cidr: inputs.cidr,
      gateway: nthAddress(block, GATEWAY_INDEX),
      domain: `${name.toLowerCase().replaceAll(/[^a-z0-9-]/g, "-")}.internal`,
      egress: config.egress,
    },
    pool: { name, path: places.pool },
    cluster,
    controlPlanes: machines.filter(({ role }) => role === "control-plane"),
    workers: machines.filter(({ role }) => role === "worker"),
  };
}
