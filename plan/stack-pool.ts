import type { StackIdentity } from "./host-object";
import { poolUuid } from "./libvirt/storage-xml";
import { markOf } from "./mark";

/** The pool of a stack that was killed before its mark was in it: its UUID is made of that mark, and of nothing else. */

/** As the pool's URN ends: components/experiment.ts makes it so. */
export const POOL_URN_END = "replikube:index:Experiment$libvirt:index/pool:Pool::pool";

export const stackPoolUuid = ({ stackId, project, stack }: StackIdentity): string =>
  poolUuid(markOf(stackId, `urn:pulumi:${stack}::${project}::${POOL_URN_END}`));
