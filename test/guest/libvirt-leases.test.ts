import { awaitLeases } from "../../drivers/libvirt/leases";
import { virshFor } from "../../drivers/virsh";
import { domainInputs } from "../../plan/libvirt/inputs";
import { differences } from "../../providers/kit/diff";
import { InitFailed } from "../../providers/kit/init-failed";
import type { Properties } from "../../providers/kit/resource";
import { domain } from "../../providers/libvirt/domain";
import { network } from "../../providers/libvirt/network";
import { startLibvirtHost, type LibvirtHost } from "../fixtures/libvirt-host";
import { create, read, remove, update, type Made } from "../fixtures/libvirt-resources";

/** `waitForLease` with guests that have no system: QEMU's own network boot asks for an address. */

const MINUTE = 60_000;
jest.setTimeout(2 * MINUTE);

const MAC = "52:54:00:0a:0b:0c";
/** Without a lease from an earlier test. */
const OTHER_MAC = "52:54:00:0a:0b:0d";
const PATIENT = { timeoutSeconds: 90 };
const STACK = { stackId: "c0ffee" };

let libvirt: LibvirtHost;
let net: Made;

beforeAll(async () => {
  libvirt = await startLibvirtHost();
  net = await create(network, "n", { name: "net", mode: "none", addresses: ["10.99.3.0/24"], ...STACK });
}, MINUTE);

afterEach(() => {
  for (const name of libvirt.virsh("list", "--name").split("\n").filter(Boolean)) libvirt.virsh("destroy", name);
  for (const name of libvirt.virsh("list", "--all", "--name").split("\n").filter(Boolean)) {
    libvirt.virsh("undefine", name);
  }
});

afterAll(() => libvirt.remove(), MINUTE);

const guest = (more: Properties = {}): Properties => ({
  name: "guest",
  type: "qemu",
  memory: 64,
  bootDevices: [{ devs: ["network"] }],
  networkInterfaces: [{ networkId: net.id, mac: MAC, waitForLease: true }],
  ...STACK,
  ...more,
});

const leases = (): string => libvirt.virsh("net-dhcp-leases", "net", "--mac", MAC);

it("gives the address of the guest's own lease, which refresh and changes in place keep", async () => {
  const made = await create(domain, "d", guest(), PATIENT);
  expect(made.state["networkInterfaces"]).toEqual([
    { networkId: net.id, mac: MAC, waitForLease: true, addresses: [expect.stringMatching(/^10\.99\.3\.\d+$/)] },
  ]);
  const [first] = leases().split("\n");
  const seen = await read(domain, "d", made);
  expect(differences(made.inputs, seen?.inputs ?? {})).toEqual([]);
  expect(differences(made.state, seen?.outputs ?? {})).toEqual([]);
  const changed = await update(domain, "d", made, guest({ description: "more" }));
  expect(changed.state["networkInterfaces"]).toEqual(made.state["networkInterfaces"]);
  await remove(domain, "d", changed);
  // The lease outlives the guest, and says nothing of the next one of that MAC address.
  expect(leases()).toContain(first);
  await create(domain, "d", guest(), PATIENT);
  expect(leases()).not.toContain(first?.trim().slice(0, "2026-11-25 00:00:00".length));
});

it("names network and MAC address when no lease comes; the guest stays, and the next up waits again", async () => {
  const silent = guest({ bootDevices: [] });
  const failure = await create(domain, "d", silent).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(InitFailed);
  expect(String(failure)).toMatch(
    new RegExp(`guest: networkInterfaces\\[0\\]\\.waitForLease .*DHCP lease of network net for ${MAC}`),
  );
  expect(libvirt.virsh("domstate", "guest")).toBe("running");
});

it("ends at once when it is cancelled, and when the guest goes off", async () => {
  const cancel = new AbortController();
  setTimeout(() => cancel.abort(), 3000);
  const started = performance.now();
  await expect(
    create(domain, "d", guest({ bootDevices: [] }), { ...PATIENT, signal: cancel.signal }),
  ).rejects.toBeInstanceOf(InitFailed);
  // While it starts, libvirt's answer to a guest that goes off is another: so it is waited for once it has started.
  const card = { networkId: net.id, mac: OTHER_MAC };
  const other = await create(domain, "e", guest({ name: "other", bootDevices: [], networkInterfaces: [card] }));
  const awaited = domainInputs.parse({ ...other.inputs, networkInterfaces: [{ ...card, waitForLease: true }] });
  const wait = { ...PATIENT, stale: new Set<string>(), signal: new AbortController().signal };
  const off = awaitLeases(virshFor(libvirt.uri), awaited, wait).then(String, String);
  libvirt.virsh("destroy", "other");
  expect(await off).toContain("other: went off before it had a DHCP lease of network net");
  expect(performance.now() - started).toBeLessThan(PATIENT.timeoutSeconds * 1000);
});
