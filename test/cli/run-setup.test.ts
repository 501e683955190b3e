import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import type { Part } from "../../cli/setup/part";
import { runSetup, takeLines } from "../../cli/setup/run-setup";
import { ReplikubeError } from "../../drivers/errors";

/** Parts of setup that are taken side by side. */

const places = placesOf("/nowhere");

const part = (name: string, take: () => Promise<unknown>): Part => ({
  name,
  plan: "would be taken",
  check: () => Promise.resolve(undefined),
  take: async () => {
    await take();
    return { what: name, why: "missing" };
  },
});
const quick = (name: string): Part => part(name, () => Promise.resolve());
const failing = (name: string): Part => part(name, () => Promise.reject(new ReplikubeError(`${name}: no room`)));

async function reported(...lines: readonly (readonly Part[])[]): Promise<readonly string[]> {
  const said: string[] = [];
  await takeLines(lines, places, (line) => void said.push(line)).catch((error: unknown) => said.push(String(error)));
  return said;
}

test("a line does not wait for the other, and keeps its own order", async () => {
  const gate = new EventEmitter();
  const opening = part("opening", () => Promise.resolve(gate.emit("open")));
  const said = await reported([part("slow", () => once(gate, "open")), quick("after it")], [quick("first"), opening]);
  expect(said[0]).toBe("first: first (missing) after 0 s");
  expect(said.slice(1, 3).toSorted()).toEqual([
    "opening: opening (missing) after 0 s",
    "slow: slow (missing) after 0 s",
  ]);
  expect(said.slice(3)).toEqual(["after it: after it (missing) after 0 s"]);
});

test("a failure is told at once and in the end, with that of the other line, and what needs it is not tried", async () => {
  expect(await reported([failing("Pulumi"), quick("plugin")], [failing("packages"), quick("libvirt")])).toEqual([
    "Pulumi: failed after 0 s",
    "packages: failed after 0 s",
    "ReplikubeError: Pulumi: no room\npackages: no room",
  ]);
});

test("a failure does not keep the other line from its end", async () => {
  expect(await reported([failing("Pulumi")], [quick("packages"), quick("libvirt")])).toContain(
    "libvirt: libvirt (missing) after 0 s",
  );
});

test("an interrupt ends it, and says how to go on", async () => {
  const root = mkdtempSync(join(tmpdir(), "setup-"));
  const gate = new EventEmitter();
  const begun = once(gate, "begun");
  const slow = part("slow", () => {
    gate.emit("begun");
    return once(gate, "end");
  });
  const ended = runSetup(placesOf(root), () => undefined, [slow]).catch((error: unknown) => error);
  await begun;
  process.emit("SIGINT");
  expect(await ended).toMatchObject({
    exitCode: 130,
    message: expect.stringMatching(/^host: setup was interrupted.*\nnext: the same command again/),
  });
  gate.emit("end");
  rmSync(root, { recursive: true });
});
