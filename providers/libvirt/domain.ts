import { createHash, randomUUID } from "node:crypto";
import { changeDomain, lookAtDomain, makeDomain, removeDomain } from "../../drivers/libvirt/domains";
import { awaitLeases, staleLeases } from "../../drivers/libvirt/leases";
import { credentialProblems } from "../../plan/libvirt/credentials";
import { diskProblems, interfaceProblems } from "../../plan/libvirt/input-problems";
import { domainInputs, type DomainInputs } from "../../plan/libvirt/inputs";
import { DOMAIN_REPLACING, DOMAIN_RESTARTING } from "../../plan/libvirt/property-changes";
import { differences, topOf } from "../kit/diff";
import { InitFailed } from "../kit/init-failed";
import {
  UNKNOWN,
  type Change,
  type CheckRequest,
  type CreateRequest,
  type Properties,
  type Resource,
} from "../kit/resource";
import { claimOf, markedInPlace } from "./claim";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, isAnothers, markFor, unlessUnreachable } from "./connection";
import { domainDriftChanges, seenDomainState } from "./domain-drift";
import { withDrift } from "./drift";
import { awaitedInPreview, keptAddresses, withAddresses } from "./interface-addresses";

/** `libvirt:index/domain:Domain`. Its id is libvirt's UUID; `instance` is another value for every creation. */

const MAC_BYTES = 3;

const isTree = (value: unknown): value is Properties => typeof value === "object" && value !== null;

/** libvirt would choose another address at every definition; one from the seed stays, as one that was chosen before does. */
function withMacs({ inputs, oldInputs, seed }: CheckRequest): Properties {
  const [interfaces, before] = [inputs["networkInterfaces"], oldInputs["networkInterfaces"]];
  if (!Array.isArray(interfaces)) return inputs;
  const networkInterfaces = interfaces.map((each: unknown, index) => {
    if (!isTree(each) || each["mac"] !== undefined) return each;
    const old: unknown = Array.isArray(before) ? before[index] : undefined;
    const digest = createHash("sha256").update(seed).update(String(index)).digest();
    const chosen = [
      "52",
      "54",
      "00",
      ...[...digest.subarray(0, MAC_BYTES)].map((byte) => byte.toString(16).padStart(2, "0")),
    ];
    return { ...each, mac: (isTree(old) && old["mac"]) || chosen.join(":") };
  });
  return { ...inputs, networkInterfaces };
}

const freshIdentity = (stackId: string | undefined, urn: string) => ({
  uuid: randomUUID(),
  instance: freshInstance(),
  mark: markFor(stackId, urn),
});

/** Nothing of the guest changes with it. */
const isOfWaiting = ({ path }: Change): boolean => /^networkInterfaces\[\d+\]\.waitForLease$/.test(path);

/** A domain without its lease is there and runs: whoever looks for the reason finds it, and the next `up` waits again. */
async function untilLeased(
  made: { readonly id: string; readonly outputs: Properties },
  wanted: DomainInputs,
  stale: ReadonlySet<string>,
  { timeoutSeconds, signal }: Pick<CreateRequest, "timeoutSeconds" | "signal">,
): Promise<Properties> {
  try {
    return withAddresses(made.outputs, await awaitLeases(connection(), wanted, { stale, timeoutSeconds, signal }));
  } catch (error) {
    throw new InitFailed(made.id, made.outputs, [error instanceof Error ? error.message : String(error)]);
  }
}

export const domain: Resource = {
  replaceOn: DOMAIN_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "instance"],
  check: (request) =>
    checkedInputs(domainInputs, { ...request, inputs: withMacs(request) }, [
      ...credentialProblems(request.inputs["credentials"]),
      ...diskProblems(request.inputs["disks"]),
      ...interfaceProblems(request.inputs["networkInterfaces"]),
    ]),
  diff: ({ oldInputs, inputs, state }) =>
    withDrift(
      markedInPlace(differences(oldInputs, inputs)).map((change) =>
        isOfWaiting(change) ? { ...change, replaces: false } : change,
      ),
      domainDriftChanges(oldInputs, state),
    ),
  async create(request) {
    const { inputs, urn, preview } = request;
    if (preview) return { id: "", outputs: awaitedInPreview({ ...inputs, instance: UNKNOWN }) };
    const wanted = typed(domainInputs, inputs);
    const stale = await staleLeases(connection(request), wanted);
    const { uuid: id, instance } = await makeDomain(connection(request), wanted, freshIdentity(wanted.stackId, urn));
    return { id, outputs: await untilLeased({ id, outputs: { ...inputs, instance } }, wanted, stale, request) };
  },
  async update(request) {
    const { id, inputs, oldInputs, state, urn, preview, timeoutSeconds, signal, report } = request;
    const changed =
      inputs["applyOnNextStart"] !== true &&
      differences(oldInputs, inputs).some(({ path }) => DOMAIN_RESTARTING.includes(topOf(path)));
    const restart = changed || state["guest"] !== undefined;
    const outputs = keptAddresses({ ...inputs, instance: state["instance"] }, state);
    if (preview) return { outputs: awaitedInPreview(outputs) };
    if (restart) await report("the guest is restarted");
    const wanted = typed(domainInputs, inputs);
    const stale = await staleLeases(connection(request), wanted);
    const options = { restart, claim: claimOf(id, oldInputs), timeoutSeconds, signal };
    // One that is gone is made again as the one that the state has.
    const identity = { ...freshIdentity(wanted.stackId, urn), uuid: id };
    const { instance } = await changeDomain(connection(request), wanted, identity, options);
    return { outputs: await untilLeased({ id, outputs: { ...outputs, instance } }, wanted, stale, request) };
  },
  read: (request) =>
    unlessUnreachable(request, async () => {
      const seen = await lookAtDomain(connection(), nameIn(request.state, request.id));
      if (seen === undefined || isAnothers(seen, request)) return undefined;
      return { id: seen.uuid, ...(await seenDomainState(seen, request)) };
    }),
  async delete({ id, state, urn, ...operation }) {
    const { name, stackId } = ownedIn(state);
    await removeDomain(connection(operation), name, { id, mark: markFor(stackId, urn) });
  },
};
