import { mkdirSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** The file system of the machines' disks is full. Real guest, tiny image. */

const MINUTE = 60_000;
const STACK = "tiny";
/** An empty overlay fits, what a first boot writes does not. */
const [TOO_SMALL, ENOUGH] = ["1m", "256m"];

let clone: Clone;
let disks: string;

beforeAll(async () => {
  clone = await makeClone();
  disks = join(clone.folder, ".state/disks");
  mkdirSync(disks, { recursive: true });
  const configuration = `${TINY_STACK}  replikube:workers: 0\n  replikube:poolPath: ${disks}/pool\n`;
  writeFileSync(join(clone.folder, "Pulumi.tiny.yaml"), configuration);
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
    expect(succeeded(await clone.lab("destroy", "--stack", STACK))).toContain("nothing is left");
    expect(readdirSync(disks)).toEqual([]);
  },
  10 * MINUTE,
);
