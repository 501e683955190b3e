import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { placesOf } from "../../cli/places";
import { destroyStack } from "../../cli/stack-destroy";
import { keptFolder, recordFile, registerFolder } from "../../drivers/stack-records";
import { recordStack } from "../../facts/stack-register";
import { networkInputs } from "../../plan/libvirt/inputs";
import { networkXml } from "../../plan/libvirt/network-xml";
import { stackDirectory } from "../../plan/plan-topology";
import { ownBackend } from "../../plan/stack-record";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "destroy-"))));
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

/** What was said, and whether the stack's folder is still there. */
async function destroyed(args: readonly string[], verbs: Readonly<Record<string, string>>) {
  pulumi = fakePulumi(folder, { stacks: ["blue"], verbs });
  mkdirSync(stackDirectory(pulumi.root, "blue"), { recursive: true });
  const said: string[] = [];
  const exitCode = await destroyStack(placesOf(pulumi.root), { stack: "blue", args }, (line) => said.push(line));
  return { exitCode, said: said.join("\n"), isThere: existsSync(stackDirectory(pulumi.root, "blue")) };
}

test("a part of a stack that goes takes nothing else with it, however it was named", async () => {
  const onlyOne = { destroy: "exit 0 # and the state keeps what was not named" };
  const { exitCode, said, isThere } = await destroyed(["-yt", "urn:pulumi:blue::replikube::x::worker-0"], onlyOne);
  expect({ exitCode, isThere }).toEqual({ exitCode: 0, isThere: true });
  expect(said).toBe("stack blue: 1 of its resources stay, as they are in its state");
});

test("a whole stack is proven to be gone, and one that Pulumi has removed altogether", async () => {
  expect(await destroyed([], {})).toMatchObject({ isThere: false, said: expect.stringContaining("nothing is left") });
  const isGone = "[ ! -e $0.gone ] || { echo \"error: no stack named 'blue' found\" >&2; exit 255; }";
  const removed = { destroy: "touch $0.gone; exit 0", "stack-export": isGone };
  expect(await destroyed(["--remove"], removed)).toMatchObject({ isThere: false });
});

test("a state that cannot be read after it is an error, and nothing is taken for gone", async () => {
  const verbs = {
    destroy: "touch $0.gone; exit 0",
    "stack-export": "[ ! -e $0.gone ] || { echo 'disk broke' >&2; exit 1; }",
  };
  await expect(destroyed([], verbs)).rejects.toThrow("disk broke");
  expect(existsSync(stackDirectory(pulumi.root, "blue"))).toBe(true);
});

test("an interrupt after Pulumi has ended says that nothing is proven", async () => {
  pulumi = fakePulumi(folder, { stacks: ["blue"], virsh: `touch ${folder}/begun; sleep 1` });
  mkdirSync(stackDirectory(pulumi.root, "blue"), { recursive: true });
  const said: string[] = [];
  const ended = destroyStack(placesOf(pulumi.root), { stack: "blue", args: [] }, (line) => said.push(line)).catch(
    (error: unknown) => error,
  );
  while (!existsSync(join(folder, "begun"))) await sleep(20);
  process.emit("SIGINT");
  expect(await ended).toMatchObject({
    exitCode: 130,
    message: expect.stringMatching(
      /whether anything is left is not known.*\nnext: \.\/lab destroy --stack blue goes on/,
    ),
  });
  // What it was at ends with its process, which lives here.
  while (!said.join("\n").includes("nothing is left")) await sleep(20);
});

test("the proof goes by the stack's own deadline of a call of virsh", async () => {
  pulumi = fakePulumi(folder, { stacks: ["blue"], virsh: "exec sleep 20" });
  writeFileSync(join(pulumi.root, "Pulumi.blue.yaml"), "config:\n  replikube:deadlines:\n    virsh: 1\n");
  const proven = destroyStack(placesOf(pulumi.root), { stack: "blue", args: [] }, () => undefined);
  await expect(proven).rejects.toThrow(
    /virsh did not finish: waited 1 s for .*; last seen: nothing\nnext: raise the deadlines factor/,
  );
});

/** A libvirt with one network, until it is undefined. */
const libvirtWith = (name: string, xmlFile: string): string => `shift 3
case "$1" in
net-list) [ -e $0.gone ] || echo ${name} ;;
net-info) [ ! -e $0.gone ] || { echo "error: Network not found: ${name}" >&2; exit 1; }
  printf 'Name: ${name}\nUUID: u\nActive: no\nPersistent: yes\nAutostart: no\nBridge: b\n' ;;
net-dumpxml) cat ${xmlFile} ;;
net-undefine) touch $0.gone ;;
esac`;

const madeBefore = (stackId: string, libvirtUri = "test:///default"): void =>
  recordStack({ project: "replikube", stack: "blue", stackId, checkout: pulumi.root, libvirtUri }, registerFolder(), {
    PULUMI_BACKEND_URL: ownBackend(pulumi.root),
  });

const isRecorded = (stackId: string): boolean =>
  [registerFolder(), keptFolder(pulumi.root)].some((place) => existsSync(recordFile(place, stackId)));

async function destroyedAgain(virsh = "exit 0"): Promise<string> {
  pulumi = fakePulumi(folder, { stacks: ["blue"], virsh });
  writeFileSync(join(folder, "blue.json"), '{"deployment":{}}');
  madeBefore("aa11");
  madeBefore("bb22", "qemu+ssh://me@hv/system");
  const said: string[] = [];
  await destroyStack(placesOf(pulumi.root), { stack: "blue", args: [] }, (line) => said.push(line));
  return said.join("\n");
}

describe("a destroy whose ./lab was killed: Pulumi has emptied the state, which tells no id any more", () => {
  test("its record goes, and one of another libvirt stays", async () => {
    expect(await destroyedAgain()).toContain("nothing is left");
    expect(isRecorded("aa11")).toBe(false);
    expect(isRecorded("bb22")).toBe(true);
  });

  test("what a killed up has left under that id goes too", async () => {
    const xmlFile = join(folder, "network.xml");
    const mark = { stackId: "aa11", project: "replikube", stack: "blue", resource: "r" };
    writeFileSync(xmlFile, networkXml(networkInputs.parse({ name: "replikube-blue", mode: "none" }), mark));
    expect(await destroyedAgain(libvirtWith("replikube-blue", xmlFile))).toContain(
      "removed what an interrupted command had left: network replikube-blue\nstack blue: nothing is left",
    );
    expect(isRecorded("aa11")).toBe(false);
  });
});
