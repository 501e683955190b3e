import type { Addresses } from "../../plan/libvirt/leases";
import { UNKNOWN, type Properties } from "../kit/resource";

/** `addresses` of a domain's interfaces: outputs that a lease tells, beside the inputs. */

const isTree = (value: unknown): value is Properties => typeof value === "object" && value !== null;

const interfacesOf = ({ networkInterfaces }: Properties): readonly unknown[] =>
  Array.isArray(networkInterfaces) ? networkInterfaces : [];

/** With what `addressesAt` tells of an interface; undefined: nothing. */
function extended(outputs: Properties, addressesAt: (each: Properties, index: number) => unknown): Properties {
  if (!Array.isArray(outputs["networkInterfaces"])) return outputs;
  const networkInterfaces = interfacesOf(outputs).map((each, index) => {
    if (!isTree(each)) return each;
    const addresses = addressesAt(each, index);
    return addresses === undefined ? each : { ...each, addresses };
  });
  return { ...outputs, networkInterfaces };
}

export const withAddresses = (outputs: Properties, addresses: Addresses): Properties =>
  extended(outputs, (_, index) => addresses.get(index));

/** Nobody knows an address before its lease. */
export const awaitedInPreview = (outputs: Properties): Properties =>
  extended(outputs, ({ waitForLease, addresses }) =>
    waitForLease === true && outputs["running"] !== false ? (addresses ?? UNKNOWN) : addresses,
  );

/** A change that does not replace keeps the MAC addresses, and DHCP gives those what they had. */
export const keptAddresses = (outputs: Properties, state: Properties): Properties =>
  extended(outputs, (_, index) => {
    const before = interfacesOf(state)[index];
    return isTree(before) ? before["addresses"] : undefined;
  });
