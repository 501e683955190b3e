import { randomBytes, randomUUID } from "node:crypto";
import { changeDomain, lookAtDomain, makeDomain, removeDomain } from "../../drivers/libvirt/domains";
import { credentialProblems } from "../../plan/libvirt/credentials";
import { domainInputs } from "../../plan/libvirt/inputs";
import { DOMAIN_REPLACING, DOMAIN_RESTARTING } from "../../plan/libvirt/property-changes";
import { differences, topOf } from "../kit/diff";
import { UNKNOWN, type Resource } from "../kit/resource";
import { checkedInputs, nameIn, typed } from "./checked-inputs";
import { connection, markFor, unlessUnreachable } from "./connection";

/** `libvirt:index/domain:Domain`. Its id is libvirt's UUID; `instance` is another value for every creation. */

const INSTANCE_BYTES = 8;

const freshIdentity = (stackId: string | undefined, urn: string) => ({
  uuid: randomUUID(),
  instance: randomBytes(INSTANCE_BYTES).toString("hex"),
  mark: markFor(stackId, urn),
});

export const domain: Resource = {
  replaceOn: DOMAIN_REPLACING,
  deleteBeforeReplace: true,
  stable: ["name", "instance"],
  check: (request) => checkedInputs(domainInputs, request, credentialProblems(request.inputs["credentials"])),
  async create({ inputs, urn, preview }) {
    if (preview) return { id: "", outputs: { ...inputs, instance: UNKNOWN } };
    const wanted = typed(domainInputs, inputs);
    const made = await makeDomain(connection(), wanted, freshIdentity(wanted.stackId, urn));
    return { id: made.uuid, outputs: { ...inputs, instance: made.instance } };
  },
  async update({ inputs, oldInputs, state, urn, preview, signal, report }) {
    const restart = differences(oldInputs, inputs).some(({ path }) => DOMAIN_RESTARTING.includes(topOf(path)));
    const outputs = { ...inputs, instance: state["instance"] };
    if (preview) return { outputs };
    if (restart) await report("the guest is restarted");
    const wanted = typed(domainInputs, inputs);
    const changed = await changeDomain(connection(), wanted, freshIdentity(wanted.stackId, urn), restart, signal);
    return { outputs: { ...inputs, instance: changed.instance } };
  },
  read: ({ id, inputs, state, report }) =>
    unlessUnreachable(
      async () => {
        const name = nameIn(state, id);
        const seen = await lookAtDomain(connection(), name);
        if (seen === undefined) return undefined;
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
  async delete({ state, urn }) {
    const { name, stackId } = typed(domainInputs, state);
    await removeDomain(connection(), name, markFor(stackId, urn));
  },
};
