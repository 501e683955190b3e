import { domainDrift } from "../../drivers/libvirt/domain-drift";
import type { DomainState } from "../../drivers/libvirt/domains";
import { answer, ifFound } from "../../drivers/libvirt/objects";
import { domainInputs, type DomainInputs } from "../../plan/libvirt/inputs";
import { DOMAIN_RESTARTING } from "../../plan/libvirt/property-changes";
import { topOf } from "../kit/diff";
import type { Change, Properties, ReadRequest, ReadResult } from "../kit/resource";
import { typed } from "./checked-inputs";
import { isImport } from "./claim";
import { connection } from "./connection";
import { definitionWords, drifted, driftedPaths, driftIn, driftInWords, inWords } from "./drift";
import { keptAddresses } from "./interface-addresses";

/**
 * A domain as it is now. Drift is repaired with the machine that is there, whatever a change of the same property in the program
 * costs; only a machine whose disk is gone is made anew. Words stand in `definition` (what libvirt keeps) and in `guest` (what runs,
 * and has to be restarted).
 */

/** In the place of a volume that is gone. */
const GONE = "gone";

const isTree = (value: unknown): value is Properties => typeof value === "object" && value !== null;

const goneDisks = ({ disks }: Properties): readonly string[] =>
  (Array.isArray(disks) ? disks : []).flatMap((disk: unknown, index) =>
    isTree(disk) && disk["volumeId"] === GONE ? [`disks[${index}].volumeId`] : [],
  );

const withoutAddress = (each: unknown): unknown =>
  isTree(each) ? Object.fromEntries(Object.entries(each).filter(([name]) => name !== "addresses")) : each;

/** What a lease tells is an output beside the inputs. */
function withoutAddresses(state: Properties): Properties {
  const { networkInterfaces } = state;
  return Array.isArray(networkInterfaces)
    ? { ...state, networkInterfaces: networkInterfaces.map(withoutAddress) }
    : state;
}

export const domainDriftChanges = (inputs: Properties, state: Properties): readonly Change[] => [
  ...driftIn(Object.keys(domainInputs.shape), inputs, withoutAddresses(state)).map((change) => ({
    ...change,
    replaces: goneDisks(state).includes(change.path),
  })),
  ...driftInWords(["definition", "guest"], state),
];

type Disk = DomainInputs["disks"][number];

/** A disk that is a volume is named as one, as programs do. */
async function asVolume(disk: Disk): Promise<Disk> {
  const { file } = disk;
  const pool = file === undefined ? undefined : await ifFound(() => answer(connection(), "vol-pool", file));
  return pool === undefined ? disk : { volumeId: file };
}

async function importedInputs(seen: DomainState): Promise<DomainInputs> {
  const { name, running, autostart } = seen;
  const { properties } = await domainDrift(connection(), typed(domainInputs, { name }), seen);
  const inputs = typed(domainInputs, { name, running, autostart, ...properties });
  return { ...inputs, disks: await Promise.all(inputs.disks.map(asVolume)) };
}

type Request = Pick<ReadRequest, "inputs" | "state" | "urn">;

export async function seenDomainState(
  seen: DomainState,
  { inputs, state, urn }: Request,
): Promise<Required<Omit<ReadResult, "id">>> {
  if (isImport({ inputs, state })) {
    const found = await importedInputs(seen);
    return seenDomainState(seen, { inputs: found, state: found, urn });
  }
  const wanted = typed(domainInputs, inputs);
  const { properties, rest, guest = {}, unlinked, diskless } = await domainDrift(connection(), wanted, seen);
  const disks = wanted.disks.map((disk, index) => (diskless.includes(index) ? { ...disk, volumeId: GONE } : disk));
  // What is to hold from the next start on may be another until then.
  const waits = (path: string): boolean => wanted.applyOnNextStart && DOMAIN_RESTARTING.includes(topOf(path));
  const others = driftedPaths(wanted, guest).filter((path) => !waits(path));
  const visible = {
    ...drifted(wanted, properties),
    ...(diskless.length > 0 && { disks }),
    name: seen.name,
    running: seen.running,
    autostart: seen.autostart,
  };
  return {
    inputs,
    outputs: {
      ...keptAddresses({ ...state, ...inputs }, state),
      ...visible,
      instance: seen.instance || state["instance"],
      definition: inWords(definitionWords(seen, { urn, stackId: wanted.stackId }, rest)),
      guest: inWords([
        ...(others.length > 0 ? [`runs with another ${others.join(", ")}`] : []),
        ...unlinked.map((index) => `networkInterfaces[${index}] lost its link when its network stopped`),
      ]),
    },
  };
}
