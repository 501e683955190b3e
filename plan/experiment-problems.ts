/** Rules that hold between the settings of an experiment. What one setting may be by itself is config/schema's. */
import { blockCount, overlap, parseCidr, type Cidr } from "./addresses";
import type { ExperimentConfig, ImageFlavour } from "./experiment-config";
import type { NodeRole } from "./experiment-outputs";
import { sshUriProblems } from "./libvirt-uri";
import { hostNameFault, nodeName, type StackName } from "./names";
import { MAX_CONTROL_PLANES, MAX_WORKERS, NODE_POD_PREFIX, STACK_PREFIX, nodeIdentities } from "./node-identities";
import { STORE_ELSEWHERE, storePlaceOf } from "./nix-store";
import type { Problem } from "./problems";

type CheckedSettings = Partial<
  Pick<
    ExperimentConfig,
    | "imageFlavour"
    | "controlPlanes"
    | "workers"
    | "controlPlaneVcpus"
    | "controlPlaneMemoryMiB"
    | "cidrPool"
    | "podSubnet"
    | "serviceSubnet"
    | "nodeNameTemplate"
    | "kubernetes"
    | "nixSettings"
    | "libvirtUri"
  >
> & { readonly images?: { readonly [Role in NodeRole]?: { readonly flavour?: ImageFlavour | undefined } | undefined } };

/** Settings of ours that kubeadm's ClusterConfiguration would hold a second time, and what to set instead. */
const OWNED_KUBEADM_KEYS: Readonly<Record<string, string>> = {
  apiVersion: "it is always kubeadm.k8s.io/v1beta4",
  kind: "it is always ClusterConfiguration",
  kubernetesVersion: "the image decides it",
  networking: "set podSubnet and serviceSubnet",
  controlPlaneEndpoint: "it is the first control plane's address",
  clusterName: "it follows from project and stack",
};

/** kubeadm's own preflight limits for a control plane; the tiny flavour has no real kubeadm. */
const CONTROL_PLANE_MINIMUM = { vcpus: 2, memoryMiB: 1700 } as const;

const SUBNETS = ["cidrPool", "podSubnet", "serviceSubnet"] as const;

function subnetProblems(config: CheckedSettings): readonly Problem[] {
  const subnets = SUBNETS.flatMap((path) => {
    const cidr = parseCidr(config[path] ?? "");
    return cidr === undefined ? [] : [{ path, cidr, text: config[path] ?? "" }];
  });
  return subnets.flatMap((one, position) =>
    subnets
      .slice(position + 1)
      .filter((other) => overlap(one.cidr, other.cidr))
      .map((other) => ({
        path: other.path,
        text: `${other.text} overlaps ${one.path} ${one.text}; machines, pods and services each need addresses of their own`,
      })),
  );
}

/** Room for the machines in a stack's /24, for their pods in podSubnet, and for at least one stack in the pool. */
function capacityProblems(config: CheckedSettings): readonly Problem[] {
  const { controlPlanes = 0, workers = 0 } = config;
  const problems: Problem[] = [];
  if (controlPlanes > MAX_CONTROL_PLANES) {
    problems.push({ path: "controlPlanes", text: `expected at most ${MAX_CONTROL_PLANES}, got ${controlPlanes}` });
  }
  if (workers > MAX_WORKERS) {
    problems.push({
      path: "workers",
      text: `expected at most ${MAX_WORKERS}, the room for workers in a stack's /${STACK_PREFIX}, got ${workers}`,
    });
  }
  const rooms: readonly [keyof CheckedSettings, Cidr | undefined, number, number, string][] = [
    ["cidrPool", parseCidr(config.cidrPool ?? ""), STACK_PREFIX, 1, "stacks"],
    ["podSubnet", parseCidr(config.podSubnet ?? ""), NODE_POD_PREFIX, controlPlanes + workers, "nodes"],
  ];
  for (const [path, cidr, prefix, wanted, what] of rooms) {
    if (cidr !== undefined && blockCount(cidr, prefix) < wanted) {
      problems.push({
        path,
        text: `holds ${blockCount(cidr, prefix)} blocks of /${prefix}, expected room for ${wanted} ${what}`,
      });
    }
  }
  return problems;
}

function machineProblems(config: CheckedSettings): readonly Problem[] {
  const flavour = config.images?.["control-plane"]?.flavour ?? config.imageFlavour;
  if (flavour === undefined || flavour === "tiny") return [];
  const { vcpus, memoryMiB } = CONTROL_PLANE_MINIMUM;
  const limits = [
    { path: "controlPlaneVcpus", value: config.controlPlaneVcpus, minimum: vcpus },
    { path: "controlPlaneMemoryMiB", value: config.controlPlaneMemoryMiB, minimum: memoryMiB },
  ];
  return limits.flatMap(({ path, value, minimum }) =>
    value !== undefined && value < minimum
      ? [{ path, text: `kubeadm asks for at least ${minimum} on a control plane, got ${value}` }]
      : [],
  );
}

const patchProblems = ({ kubernetes }: CheckedSettings): readonly Problem[] =>
  Object.keys(kubernetes?.kubeadm ?? {}).flatMap((key) => {
    const reason = OWNED_KUBEADM_KEYS[key];
    return reason === undefined ? [] : [{ path: `kubernetes.kubeadm.${key}`, text: `cannot be set here: ${reason}` }];
  });

/** What may only be known of Nix's own files is checked when Nix is called. */
function storeProblems({ nixSettings }: CheckedSettings): readonly Problem[] {
  const store = nixSettings?.["store"] ?? "";
  if (storePlaceOf(store).kind !== "elsewhere") return [];
  return [{ path: "nixSettings.store", text: `${store} ${STORE_ELSEWHERE.fault}; ${STORE_ELSEWHERE.remedy}` }];
}

const uriProblems = ({ libvirtUri = "" }: CheckedSettings): readonly Problem[] =>
  sshUriProblems(libvirtUri).map((text) => ({ path: "libvirtUri", text }));

/** Names the first bad node only: they all come from the one template. */
export function nodeNameProblems(
  template: string,
  stack: StackName,
  counts: Pick<ExperimentConfig, "controlPlanes" | "workers">,
): readonly Problem[] {
  const names = nodeIdentities(stack, counts).map((identity) => nodeName(template, identity));
  const bad = names.find((name) => hostNameFault(name) !== undefined);
  const twin = names.find((name, position) => names.indexOf(name) !== position);
  return [
    ...(bad === undefined
      ? []
      : [`makes the host name ${JSON.stringify(bad)} for stack ${stack.stack}, which ${hostNameFault(bad)}`]),
    ...(twin === undefined
      ? []
      : [`gives more than one machine the name ${JSON.stringify(twin)}; use {role} and {index}`]),
  ].map((text) => ({ path: "nodeNameTemplate", text }));
}

/** Settings that are missing or wrong by themselves are left out by the caller, and the rules about them are silent. */
export function experimentProblems(config: CheckedSettings, stack: StackName): readonly Problem[] {
  const { controlPlanes, workers, nodeNameTemplate } = config;
  const counted = controlPlanes !== undefined && workers !== undefined && workers <= MAX_WORKERS;
  return [
    ...subnetProblems(config),
    ...capacityProblems(config),
    ...machineProblems(config),
    ...patchProblems(config),
    ...storeProblems(config),
    ...uriProblems(config),
    ...(counted && nodeNameTemplate !== undefined && nodeNameTemplate !== ""
      ? nodeNameProblems(nodeNameTemplate, stack, { controlPlanes, workers })
      : []),
  ];
}
