import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { makeVolume } from "../../../drivers/libvirt/volume-creation";
import { NotFound, type Virsh } from "../../../drivers/virsh";
import { volumeInputs } from "../../../plan/libvirt/inputs";

/** How long the copy of a file may take; over a libvirt that has a volume once it was made. */

const XML = "<volume><name>v</name><capacity unit='bytes'>5</capacity><target><format type='raw'/></target></volume>";

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "volume-"));
  writeFileSync(join(folder, "image"), "bytes");
});

afterEach(() => rmSync(folder, { recursive: true, force: true }));

async function secondsOfUpload(timeoutSeconds?: number): Promise<number | undefined> {
  let there = false;
  let told: number | undefined;
  const virsh: Virsh = {
    uri: "test:///",
    run: ([verb = ""], { deadlineSeconds } = {}) => {
      if (verb === "vol-upload") told = deadlineSeconds;
      if (verb === "vol-create") there = true;
      if (!there) return Promise.reject(new NotFound("host: Storage volume not found"));
      return Promise.resolve({ exitCode: 0, stdout: verb === "vol-path" ? "/pool/v" : XML, stderr: "" });
    },
  };
  const inputs = volumeInputs.parse({ name: "v", pool: "pool", format: "raw", source: join(folder, "image") });
  const made = await makeVolume(virsh, inputs, undefined, timeoutSeconds === undefined ? {} : { timeoutSeconds });
  expect(made).toMatchObject({ path: "/pool/v", bytes: 5 });
  return told;
}

test("a copy may take as long as the resource's own time-out, or four hours", async () => {
  expect(await secondsOfUpload(7200)).toBe(7200);
  expect(await secondsOfUpload(0)).toBe(4 * 3600);
  expect(await secondsOfUpload()).toBe(4 * 3600);
});
