import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { hostname, tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { awaitOrphan, orphanedPulumi } from "../../cli/orphaned-pulumi";
import { placesOf } from "../../cli/places";
import { pulumiProgram, requireFree } from "../../cli/pulumi-program";
import { configCopy } from "../../cli/stack-config";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

/** A Pulumi that works on, with its own ./lab, with none any more, and for another stack. */

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "orphan-"));
  pulumi = fakePulumi(folder, { stacks: ["blue"] });
  copyFileSync("/bin/sh", join(folder, "pulumi"));
  writeFileSync(atWork(), "");
});
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

/** While it is there, the Pulumi of a test works. */
const atWork = (): string => join(folder, "at-work");
const places = () => placesOf(pulumi.root);
const configFile = () => configCopy(places(), "blue");

const command = (verb: string, config: string): readonly string[] => [
  join(folder, "pulumi"),
  "-c",
  `while [ -e ${atWork()} ]; do sleep 0.05; done`,
  "pulumi",
  verb,
  "--stack",
  "blue",
  "--config-file",
  config,
];

/** Its parent ends at once. */
function startOrphan(verb = "up", config = configFile()): number {
  const { stdout } = spawnSync("sh", ["-c", '"$@" >/dev/null 2>&1 & echo $!', "sh", ...command(verb, config)]);
  return Number(String(stdout));
}

function lockedBy(pid: number): string {
  const lock = join(pulumi.root, ".state/pulumi/.pulumi/locks/organization/replikube/blue/one.json");
  mkdirSync(dirname(lock), { recursive: true });
  writeFileSync(lock, JSON.stringify({ pid, hostname: hostname(), username: "me", timestamp: "noon" }));
  return lock;
}

it("is waited for, which is said once, and then its stack is free", async () => {
  const pid = startOrphan();
  const lock = lockedBy(pid);
  const said: string[] = [];
  const waited = awaitOrphan({ stack: "blue", configFile: configFile(), report: (line) => said.push(line) });
  let isFree = false;
  const free = requireFree(await pulumiProgram(places()), places(), "blue").then(() => (isFree = true));
  await sleep(700);
  expect(isFree).toBe(false);
  rmSync(atWork());
  await Promise.all([waited, free]);
  expect(said).toEqual([`stack blue: a Pulumi whose ./lab was killed, process ${pid}, still works on it; waiting`]);
  expect(existsSync(lock)).toBe(false);
});

it("is not waited for without end", async () => {
  const pid = startOrphan();
  const wait = { stack: "blue", configFile: configFile(), report: () => undefined, deadlineSeconds: 0 };
  await expect(awaitOrphan(wait)).rejects.toThrow(`last seen: process ${pid} still works on it\nnext: wait on`);
  rmSync(atWork());
});

it("is none while its ./lab lives: that stack is somebody's", async () => {
  const lab = spawn("sh", ["-c", '"$@" & echo $!; wait', "bin/cli/main.js", ...command("up", configFile())]);
  const [line] = await once(lab.stdout, "data");
  lockedBy(Number(String(line)));
  expect(orphanedPulumi(configFile())).toBeUndefined();
  await expect(requireFree(await pulumiProgram(places()), places(), "blue")).rejects.toThrow("is locked by process");
  rmSync(atWork());
  await once(lab, "close");
});

it("is none when it only looks, or works on another stack", () => {
  startOrphan("preview");
  startOrphan("up", `${configFile()}.other`);
  expect(orphanedPulumi(configFile())).toBeUndefined();
  rmSync(atWork());
});
