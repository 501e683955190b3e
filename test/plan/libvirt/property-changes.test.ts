import type { DomainArgs, NetworkArgs, PoolArgs, VolumeArgs } from "../../../sdks/libvirt";
import { domainInputs, networkInputs, poolInputs, volumeInputs } from "../../../plan/libvirt/inputs";
import {
  DOMAIN_CHANGES,
  NETWORK_CHANGES,
  POOL_CHANGES,
  VOLUME_CHANGES,
  type Cost,
} from "../../../plan/libvirt/property-changes";

/** The compiler holds these: a property of the typed SDK that no table has, or the other way round, is an error. */
type Costs<Args> = Readonly<Record<keyof Required<Args>, Cost>>;
const tables = {
  domain: [DOMAIN_CHANGES satisfies Costs<DomainArgs>, domainInputs],
  network: [NETWORK_CHANGES satisfies Costs<NetworkArgs>, networkInputs],
  pool: [POOL_CHANGES satisfies Costs<PoolArgs>, poolInputs],
  volume: [VOLUME_CHANGES satisfies Costs<VolumeArgs>, volumeInputs],
} as const;
const sdkHasAll: readonly [
  Costs<DomainArgs> extends typeof DOMAIN_CHANGES ? true : never,
  Costs<NetworkArgs> extends typeof NETWORK_CHANGES ? true : never,
  Costs<PoolArgs> extends typeof POOL_CHANGES ? true : never,
  Costs<VolumeArgs> extends typeof VOLUME_CHANGES ? true : never,
] = [true, true, true, true];

it.each(Object.entries(tables))("says of every property of a %s what its change costs", (_kind, [costs, schema]) => {
  expect(Object.keys(costs).toSorted()).toEqual(Object.keys(schema.shape).toSorted());
  expect(sdkHasAll).not.toContain(false);
});
