import { z } from "zod";
import { DEADLINE_NAMES, DEADLINES_FACTOR, type Deadlines } from "./deadlines";
import type { NodeRole } from "./experiment-outputs";
import { resourcesOf, type StateResource } from "./stack-traces";

/** What a stack is made of, by its state: all that has to be known to stop its machines and to start them again. */

const nodeAccess = z.object({
  nodeName: z.string(),
  domainName: z.string(),
  address: z.string(),
  hostKey: z.string(),
  consoleLog: z.string(),
  instance: z.string(),
});

/** The inputs of a resource without the private key, which an exported state has as a secret. */
const ownDeadlines = z.partialRecord(z.enum(DEADLINE_NAMES), z.number());
const deadlines = z.object({ deadlinesFactor: z.number(), deadlines: ownDeadlines.default({}) });
const access = deadlines.extend({ stack: z.string(), libvirtUri: z.string() });
const size = z.object({ vcpus: z.number(), memoryMiB: z.number(), diskBytes: z.number() });
const guest = nodeAccess.extend(access.shape);
const readiness = access.extend({
  controlPlane: nodeAccess,
  nodes: z.array(nodeAccess.extend({ size })),
  clusterInstance: z.string(),
  hasCni: z.boolean(),
  probeImage: z.string(),
});

const named = z.object({ name: z.string() });
const consoles = z.array(z.object({ sourcePath: z.string().optional() }));
const domain = named.extend({ instance: z.string(), consoles: consoles.optional() });

export interface StackMachine {
  readonly role: NodeRole;
  readonly domainName: string;
  readonly instance: string;
  /** On the libvirt host. */
  readonly consoleLog?: string;
  /** Absent: it never booted to the end. */
  readonly guest?: z.output<typeof guest>;
}

export interface StackMembers {
  readonly networks: readonly string[];
  /** With libvirt's UUID. */
  readonly pools: readonly { readonly name: string; readonly uuid: string }[];
  readonly machines: readonly StackMachine[];
  /** As its machines have them; of a stack whose first machine never booted to the end those of an emulated one. */
  readonly deadlines: Deadlines;
  /** Absent: it was never ready. */
  readonly readiness?: z.output<typeof readiness>;
}

/** `urn:…::control-plane-0`: the machine's name in the program. */
const nameIn = ({ urn }: StateResource): string => urn.split("::").at(-1) ?? "";

const roleOf = (name: string): NodeRole => (name.startsWith("control-plane") ? "control-plane" : "worker");

/** An up takes changed ones into the inputs, and changes nothing else for them: outputs stay as they were. */
const currentDeadlines = ({ inputs }: StateResource): Deadlines | undefined => deadlines.safeParse(inputs).data;

/** Of the text that `pulumi stack export` gives, with or without secrets. Of what has not been made to the end only what is sure. */
export function stackMembers(exportedText: string): StackMembers {
  const resources = resourcesOf(exportedText).filter((resource) => resource.delete !== true);
  const of = <T>(type: string, schema: z.ZodType<T>): readonly { readonly resource: StateResource; readonly is: T }[] =>
    resources
      .filter((resource) => resource.type === type)
      .flatMap((resource) => {
        const parsed = schema.safeParse({ ...resource.outputs, ...currentDeadlines(resource) });
        return parsed.success ? [{ resource, is: parsed.data }] : [];
      });
  const guests = of("pulumi-nodejs:dynamic/replikube:Guest", guest);
  const machines = of("libvirt:index/domain:Domain", domain).map(
    ({ resource, is: { name, instance, consoles: [console] = [] } }) => {
      const known = guests.find(({ is }) => is.domainName === name && is.instance === instance)?.is;
      return {
        role: roleOf(nameIn(resource)),
        domainName: name,
        instance,
        ...(console?.sourcePath !== undefined && { consoleLog: console.sourcePath }),
        ...(known !== undefined && { guest: known }),
      };
    },
  );
  const ready = of("pulumi-nodejs:dynamic/replikube:ClusterReady", readiness)[0]?.is;
  const { deadlinesFactor, deadlines: own } = guests[0]?.is ?? { deadlinesFactor: DEADLINES_FACTOR.tcg, deadlines: {} };
  return {
    deadlines: { deadlinesFactor, deadlines: own },
    networks: of("libvirt:index/network:Network", named).map(({ is }) => is.name),
    pools: of("libvirt:index/pool:Pool", named).map(({ resource, is }) => ({ name: is.name, uuid: resource.id ?? "" })),
    machines,
    ...(ready !== undefined && { readiness: ready }),
  };
}
