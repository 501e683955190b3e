import { createHash, randomUUID } from "node:crypto";
import { changeDomain, lookAtDomain, makeDomain, removeDomain } from "../../drivers/libvirt/domains";
import { credentialProblems } from "../../plan/libvirt/credentials";
import { diskProblems, interfaceProblems } from "../../plan/libvirt/input-problems";
import { domainInputs } from "../../plan/libvirt/inputs";
import { DOMAIN_REPLACING, DOMAIN_RESTARTING } from "../../plan/libvirt/property-changes";
import { differences, topOf } from "../kit/diff";
import { UNKNOWN, type CheckRequest, type Properties, type Resource } from "../kit/resource";
import { checkedInputs, nameIn, ownedIn, typed } from "./checked-inputs";
import { connection, freshInstance, isAnothers, markFor, unlessUnreachable } from "./connection";

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
  async create({ inputs, urn, preview }) {
    if (preview) return { id: "", outputs: { ...inputs, instance: UNKNOWN } };
    const wanted = typed(domainInputs, inputs);
    const made = await makeDomain(connection(), wanted, freshIdentity(wanted.stackId, urn));
    return { id: made.uuid, outputs: { ...inputs, instance: made.instance } };
  },
  async update({ inputs, oldInputs, state, urn, preview, timeoutSeconds, signal, report }) {
    const restart =
      inputs["applyOnNextStart"] !== true &&
      differences(oldInputs, inputs).some(({ path }) => DOMAIN_RESTARTING.includes(topOf(path)));
    const outputs = { ...inputs, instance: state["instance"] };
    if (preview) return { outputs };
    if (restart) await report("the guest is restarted");
    const wanted = typed(domainInputs, inputs);
    const options = { restart, timeoutSeconds, signal };
    const changed = await changeDomain(connection(), wanted, freshIdentity(wanted.stackId, urn), options);
    return { outputs: { ...inputs, instance: changed.instance } };
  },
  read: ({ id, inputs, state, urn, report }) =>
    unlessUnreachable(
      async () => {
        const name = nameIn(state, id);
        const seen = await lookAtDomain(connection(), name);
        if (seen === undefined || isAnothers(seen, { id, state, urn })) return undefined;
        const { running, autostart, memory, vcpu } = seen;
        const visible = { name, running, autostart, memory, vcpu };
        return {
          id: seen.uuid,
          inputs: { ...inputs, ...visible },
          outputs: { ...state, ...visible, instance: seen.instance || state["instance"] },
        };
      },
      { id, inputs, outputs: state },
      (line) => report(line, { ephemeral: false }),
    ),
  async delete({ id, state, urn }) {
    const { name, stackId } = ownedIn(state);
    await removeDomain(connection(), name, { id, mark: markFor(stackId, urn) });
  },
};
