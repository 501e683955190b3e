import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { labProgram } from "../../cli/program";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

/** What is packed of a stack that is half up, or not there yet. */

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "collect-"))));
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

const provider = { urn: "p", type: "pulumi:providers:libvirt", inputs: { uri: "test:///default" } };
const key = {
  urn: "k",
  type: "pulumi-nodejs:dynamic/replikube:StackKey",
  outputs: { privateKey: { plaintext: '"the key"' } },
};
const booting = (consoleLog: string) => ({
  urn: "urn:pulumi:blue::replikube::libvirt:index/domain:Domain::worker-0",
  type: "libvirt:index/domain:Domain",
  outputs: { name: "replikube-blue-worker-0", instance: "i", consoles: [{ sourcePath: consoleLog }] },
});

/** By its name in the archive. */
async function collected(resources: readonly object[]): Promise<(name: string) => string> {
  const virsh = 'shift 3; case "$1" in dumpxml) echo "<domain/> of the key" ;; domstate) echo running ;; esac';
  pulumi = fakePulumi(folder, { stacks: ["blue"], resources: [provider, key, ...resources], virsh });
  const log = join(pulumi.root, ".state/host/log");
  mkdirSync(log, { recursive: true });
  writeFileSync(join(log, "libvirtd.log"), "now");
  writeFileSync(join(log, "libvirtd.log.1"), "before it was repaired");
  const archive = join(folder, "out.tar.gz");
  const args = ["collect", "--stack", "blue", "--output", archive];
  await labProgram(placesOf(pulumi.root)).parseAsync(args, { from: "user" });
  return (name) => execFileSync("tar", ["-xzOf", archive, `out/${name}`], { encoding: "utf8" });
}

it("has what libvirt says of a machine that never booted to the end", async () => {
  const consoleLog = join(folder, "console.log");
  writeFileSync(consoleLog, "no bootable device");
  const text = await collected([booting(consoleLog)]);
  expect(text("now/replikube-blue-worker-0/domain.xml")).toBe("<domain/> of [secret]\n");
  expect(text("now/replikube-blue-worker-0/domain-state.txt")).toBe("running");
  expect(text("now/replikube-blue-worker-0/console.log")).toBe("no bootable device");
});

it("says why there is nothing of the machines", async () => {
  const text = await collected([]);
  expect(text("now/cannot-be-had.txt")).toBe("stack blue: there is no machine in its state yet\n");
});

it("has the log of the libvirtd that had to be started again", async () => {
  const text = await collected([]);
  expect([text("libvirtd.log"), text("libvirtd.log.1")]).toEqual(["now", "before it was repaired"]);
});
