import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { isVolumeGone } from "../../../drivers/libvirt/volumes";
import { said, scriptedVirsh } from "../../fakes/scripted-virsh";

/** A volume whose pool does not run: then its file says whether it is there. */

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "volumes-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const isGone = (path: string, uri?: string): Promise<boolean> =>
  isVolumeGone(scriptedVirsh({ "pool-list": [said("")] }, uri), path);

it("is gone when its file is, and where that can be seen", async () => {
  const path = join(folder, "disk.qcow2");
  expect(await isGone(path)).toBe(true);
  expect(await isGone(path, "qemu+ssh://me@far/system")).toBe(false);
  writeFileSync(path, "");
  expect(await isGone(path)).toBe(false);
});

it("is not taken for gone when its file cannot be looked at", async () => {
  symlinkSync("loop", join(folder, "loop"));
  expect(await isGone(join(folder, "loop/disk.qcow2"))).toBe(false);
});
