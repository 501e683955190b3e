import { existsSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { readHostRecord } from "../../drivers/embedded-host-record";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { previewedUp } from "../fixtures/engine-steps";
import { madeInputs, previewedInputs } from "../fixtures/resource-inputs";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** A machine's way out, with a network namespace of the test's own as the whole outside. Real guest, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
const CONFIGURATION = `${TINY_STACK}  replikube:workers: 0\n`;
/** TEST-NET-2 (RFC 5737): the outside knows no way back into the stack's network. */
const [ROUTER, OUTSIDE] = ["198.51.100.1", "198.51.100.2"];

let clone: Clone;
let outside: string;
let hostAfterPreview: boolean;
let previewed: ReturnType<typeof previewedInputs>;

const inNamespace = async (namespace: string, ...command: string[]) =>
  succeeded(await clone.run("ip", "-n", namespace, ...command));

/** The embedded host gets one cable, to a namespace in which nothing else is. */
async function layCable(): Promise<void> {
  const { namespace = "" } = readHostRecord(join(clone.folder, ".state/host/host.json")) ?? {};
  succeeded(await clone.run("ip", "netns", "add", outside));
  await inNamespace(namespace, "link", "add", "cable", "type", "veth", "peer", "name", "cable", "netns", outside);
  await inNamespace(namespace, "address", "add", `${ROUTER}/24`, "dev", "cable");
  await inNamespace(namespace, "link", "set", "cable", "up");
  await inNamespace(outside, "address", "add", `${OUTSIDE}/24`, "dev", "cable");
  await inNamespace(outside, "link", "set", "cable", "up");
}

const configure = (egress: string): void =>
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `${CONFIGURATION}  replikube:egress: ${egress}\n`);

const pingFromNode = async () =>
  (await clone.lab("ssh", "--stack", STACK, "control-plane-0", "--", "ping", "-c", "1", "-W", "5", OUTSIDE)).exitCode;

beforeAll(async () => {
  clone = await makeClone();
  outside = `out-${basename(join(clone.folder, "..")).slice(-6)}`;
  configure("nat");
  const preview = await clone.lab("preview", "--stack", STACK, "--json");
  succeeded(preview);
  previewed = previewedInputs(preview.stdout);
  hostAfterPreview = existsSync(join(clone.folder, ".state/host"));
  succeeded(await clone.lab("up", "--stack", STACK));
  await layCable();
}, 10 * MINUTE);

afterAll(async () => {
  await clone.run("ip", "netns", "delete", outside);
  await clone.remove();
}, 5 * MINUTE);

test(
  "the first preview, with no host there yet, has shown of libvirt's objects what up has made",
  async () => {
    expect(hostAfterPreview).toBe(false);
    expect(Object.keys(previewed.inputs).toSorted()).toEqual([
      "Domain control-plane-0",
      "Network network",
      "Pool pool",
      "Volume control-plane-0",
      "libvirt libvirt",
    ]);
    expect(await madeInputs(clone, STACK)).toMatchObject(previewed.inputs);
    // What random numbers, keys and libvirt give. All else the plan and the image's facts know.
    expect(previewed.unknown).toEqual([
      "Domain control-plane-0.credentials.ssh.authorized_keys.root",
      "Domain control-plane-0.disks.0.volumeId",
      "Domain control-plane-0.networkInterfaces.0.networkId",
      "Domain control-plane-0.stackId",
      "Network network.stackId",
      "Pool pool.stackId",
      "Volume control-plane-0.stackId",
      "Volume control-plane-0.triggers.network",
      "Volume control-plane-0.triggers.publicKey",
    ]);
  },
  MINUTE,
);

test(
  "egress: nat lets a machine reach beyond its network",
  async () => {
    expect(await pingFromNode()).toBe(0);
  },
  MINUTE,
);

test(
  "taking it away replaces the network and the machines in it, as previewed, and the way is gone",
  async () => {
    configure("none");
    const { planned, done } = await previewedUp(clone, STACK);
    expect(planned).toContain("create-replacement Network network dnsmasqOptions mode");
    expect(planned).toContain("create-replacement Domain control-plane-0");
    expect(done).toEqual(planned);
    expect(await pingFromNode()).not.toBe(0);
  },
  5 * MINUTE,
);
