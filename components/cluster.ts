import * as pulumi from "@pulumi/pulumi";
import type { Replacement } from "../plan/experiment-config";
import { probeImageOf } from "../plan/ready-steps";
import type { Acceleration, ClusterPlan, MachineSize } from "../plan/topology";
import { ClusterReady } from "../resources/cluster-ready";
import { JoinToken } from "../resources/join-token";
import { KubeadmInit } from "../resources/kubeadm-init";
import { KubeadmJoin } from "../resources/kubeadm-join";
import type { Machine, StackAccessArgs } from "./machine";

/** Machines that become a cluster: one is initialised, the others join it side by side, and then it is proven to work. */

export interface ClusterArgs {
  readonly plan: ClusterPlan;
  readonly acceleration: Acceleration;
  readonly access: StackAccessArgs;
  readonly controlPlane: Machine;
  /** Each makes one, after what it is given. */
  readonly workers: readonly ((after?: pulumi.Resource) => Machine)[];
  readonly replace: Replacement;
  readonly containerImages: readonly string[];
}

const nodePlan = ({ plan: { nodeName, role, address, labels, taints } }: Machine) => ({
  nodeName,
  role,
  address,
  labels,
  taints,
});

const sizeOf = ({ plan: { vcpus, memoryMiB, diskBytes } }: Machine): MachineSize => ({ vcpus, memoryMiB, diskBytes });

export class Cluster extends pulumi.ComponentResource {
  declare readonly init: KubeadmInit;
  declare readonly ready: ClusterReady;
  declare readonly workers: readonly Machine[];

  constructor(name: string, args: ClusterArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:Cluster", name, {}, options);
    const { plan, acceleration, access, controlPlane, containerImages, replace } = args;
    // What goes with the control plane's domain needs no farewell over SSH; a worker that goes alone does.
    const child = { parent: this, deletedWith: controlPlane.domain };
    this.init = new KubeadmInit(
      name,
      {
        ...access,
        controlPlane: controlPlane.access,
        instance: controlPlane.instance,
        cluster: plan,
        node: nodePlan(controlPlane),
        acceleration,
      },
      child,
    );
    const { clusterInstance, caCertHash } = this.init;
    const join = (worker: Machine): KubeadmJoin => {
      const { nodeName } = worker.plan;
      const ownName = `${name}-${worker.plan.role}-${worker.plan.index}`;
      const { token } = new JoinToken(ownName, { nodeName, instance: worker.instance, clusterInstance }, child);
      return new KubeadmJoin(
        ownName,
        {
          ...access,
          machine: worker.access,
          controlPlane: controlPlane.access,
          instance: worker.instance,
          clusterInstance,
          caCertHash,
          token,
          cluster: plan,
          node: nodePlan(worker),
          acceleration,
          untilReady: replace === "rolling",
        },
        child,
      );
    };
    const joined: { readonly worker: Machine; readonly join: KubeadmJoin }[] = [];
    for (const makeWorker of args.workers) {
      const worker = makeWorker(replace === "rolling" ? joined.at(-1)?.join : undefined);
      joined.push({ worker, join: join(worker) });
    }
    this.workers = joined.map(({ worker }) => worker);
    this.ready = new ClusterReady(
      name,
      {
        ...access,
        controlPlane: controlPlane.access,
        nodes: [controlPlane, ...this.workers].map((machine) => ({ ...machine.access, size: sizeOf(machine) })),
        clusterInstance,
        hasCni: plan.cniManifest !== "",
        probeImage: probeImageOf(containerImages),
      },
      { ...child, dependsOn: joined.map((each) => each.join) },
    );
    this.registerOutputs({ endpoint: this.init.endpoint });
  }
}
