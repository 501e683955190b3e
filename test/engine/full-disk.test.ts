import { mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** The machines' disks lie where the stack wants them, and that file system is full. Real guest, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
/** An empty overlay fits, what a first boot writes does not. */
const [TOO_SMALL, ENOUGH] = ["1m", "256m"];

let clone: Clone;
let disks: string;

const configure = (more: string): void =>
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), `${TINY_STACK}  replikube:workers: 0\n${more}`);

const destroy = async () => outcome(await clone.lab("destroy", "--stack", STACK));

beforeAll(async () => {
  clone = await makeClone();
  disks = join(clone.folder, ".state/disks");
  mkdirSync(disks, { recursive: true });
  configure(`  replikube:poolPath: ${disks}/pool\n`);
  // The embedded host sees the mount only when it is older than it.
  succeeded(await clone.run("mount", "-t", "tmpfs", "-o", `size=${TOO_SMALL}`, "disks", disks));
}, 10 * MINUTE);

afterAll(async () => {
  await clone.run("./lab", "host", "stop", "--force");
  succeeded(await clone.run("umount", disks));
  await clone.remove();
}, 5 * MINUTE);

test(
  "up says so without waiting for its deadline",
  async () => {
    const { exitCode, printed } = outcome(await clone.lab("up", "--stack", STACK));
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("tiny-control-plane-0: does not run while it boots");
    expect(printed).toContain("paused (I/O error)");
    expect(printed).toContain("next: make room on the file system of its disk");
  },
  10 * MINUTE,
);

test(
  "with room, refresh and up go on with the same machine",
  async () => {
    const uuid = await clone.virsh("domuuid", "replikube-tiny-control-plane-0");
    succeeded(await clone.run("mount", "-o", `remount,size=${ENOUGH}`, disks));
    succeeded(await clone.lab("refresh", "--stack", STACK));
    expect(succeeded(await clone.lab("up", "--stack", STACK))).toContain("ready after");
    expect(await clone.virsh("domuuid", "replikube-tiny-control-plane-0")).toBe(uuid);
  },
  10 * MINUTE,
);

test(
  "destroy finds a disk that nobody knows any more where the stack had its disks",
  async () => {
    const lost = join(disks, "pool/replikube-tiny-worker-9.qcow2");
    writeFileSync(lost, "");
    const fails = { exitCode: 1, printed: expect.stringContaining(`  file ${lost}: rm -r ${lost}\n`) };
    // The first time the state says where that was, the second time the configuration does.
    configure("");
    expect(await destroy()).toEqual(fails);
    configure(`  replikube:poolPath: ${disks}/pool\n`);
    expect(await destroy()).toEqual(fails);
    expect(readdirSync(join(disks, "pool"))).toEqual(["replikube-tiny-worker-9.qcow2"]);
    rmSync(lost);
    expect((await destroy()).printed).toContain("nothing is left");
  },
  5 * MINUTE,
);
