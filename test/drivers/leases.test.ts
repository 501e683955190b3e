import { StepTimeout } from "../../drivers/errors";
import { awaitLeases, staleLeases } from "../../drivers/libvirt/leases";
import { NotFound, type Virsh } from "../../drivers/virsh";
import { domainInputs } from "../../plan/libvirt/inputs";

/** The wait for a lease, with a libvirt that says what it is told to; test/guest has a real one. */

const MAC = "52:54:00:0a:0b:0c";
const inputs = domainInputs.parse({
  name: "guest",
  networkInterfaces: [{ networkId: "an-id", mac: MAC, waitForLease: true }],
});
const lease = (time: string, address: string): string =>
  ` 2026-11-25 ${time}   ${MAC}   ipv4   ${address}/24   -   01:${MAC}\n`;

const said = (stdout: string) => Promise.resolve({ exitCode: 0, stdout, stderr: "" });

/** Leases of each look, the last one again and again; and what domstate says, undefined: there is no such domain. */
function libvirt(state: string | undefined, ...tables: readonly string[]): Virsh {
  let look = 0;
  return {
    uri: "test:///default",
    run([verb, ...args]) {
      if (verb === "net-name") return said("lab\n");
      if (verb === "domstate") {
        return state === undefined ? Promise.reject(new NotFound("Domain not found")) : said(`${state}\n`);
      }
      expect([verb, ...args]).toEqual(["net-dhcp-leases", "an-id", "--mac", MAC]);
      return said(tables[Math.min(look++, tables.length - 1)] ?? "");
    },
  };
}

const wait = { stale: new Set<string>(), timeoutSeconds: 3, signal: new AbortController().signal };
const [old, young] = [lease("15:00:00", "10.1.0.5"), lease("15:10:00", "10.1.0.5")];

it("takes the addresses that come", async () => {
  expect([...(await awaitLeases(libvirt("running", "", young), inputs, wait))]).toEqual([[0, ["10.1.0.5"]]]);
});

it.each(["shut off", undefined])("does not take a lease that was there while the domain was %s", async (state) => {
  const stale = await staleLeases(libvirt(state, old), inputs);
  const found = await awaitLeases(libvirt("running", old, old + young), inputs, { ...wait, stale });
  expect([...found]).toEqual([[0, ["10.1.0.5"]]]);
  await expect(awaitLeases(libvirt("running", old), inputs, { ...wait, timeoutSeconds: 1, stale })).rejects.toThrow(
    StepTimeout,
  );
});

it("takes the lease of a guest that runs", async () => {
  const stale = await staleLeases(libvirt("running", old), inputs);
  expect([...(await awaitLeases(libvirt("running", old), inputs, { ...wait, stale }))]).toEqual([[0, ["10.1.0.5"]]]);
});

it("names network, MAC address and property at the deadline, and when the guest goes off", async () => {
  const [silent, gone] = [libvirt("running", ""), libvirt("shut off", "")];
  await expect(awaitLeases(silent, inputs, { ...wait, timeoutSeconds: 1 })).rejects.toThrow(
    new RegExp(
      `^guest: networkInterfaces\\[0\\]\\.waitForLease did not finish: .* a DHCP lease of network lab for ${MAC};`,
    ),
  );
  await expect(awaitLeases(gone, inputs, wait)).rejects.toThrow(`went off before it had a DHCP lease of network lab`);
});

it("ends when it is cancelled", async () => {
  const cancel = new AbortController();
  const waiting = awaitLeases(libvirt("running", ""), inputs, { ...wait, timeoutSeconds: 60, signal: cancel.signal });
  cancel.abort();
  await expect(waiting).rejects.toThrow("aborted");
});
