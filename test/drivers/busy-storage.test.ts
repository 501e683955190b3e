import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { CommandError, StepTimeout } from "../../drivers/errors";
import { scanHost } from "../../drivers/host-scan";
import { onceFree } from "../../drivers/libvirt/busy-storage";
import { readConsole } from "../../drivers/libvirt/console-volumes";
import { lookAtPool, removePool } from "../../drivers/libvirt/pools";
import { digestOf, findSharedCopy } from "../../drivers/libvirt/shared-copies";
import { removeVolume } from "../../drivers/libvirt/volume-changes";
import { makeVolume } from "../../drivers/libvirt/volume-creation";
import { volumeInputs } from "../../plan/libvirt/inputs";
import { failed, said, scriptedVirsh } from "../fakes/scripted-virsh";

/** Another stack on the same host destroys its pool, or copies from this one's, just when it is looked at. */

const STOPPED = "pool 'green' is not active";
const LIST_OF_STOPPED = failed(
  "Failed to list volumes",
  "Requested operation is not valid: storage pool 'green' is not active",
);
const info = (state: string, uuid = "u") => said(`Name: green\nUUID: ${uuid}\nState: ${state}\nPersistent: yes\n`);
const XML = said("<pool><name>green</name><target><path>/pools/green</path></target></pool>");
const GONE = failed("failed to get pool 'green'", "Storage pool not found: no storage pool with matching name 'green'");

describe("a pool that is stopped between two calls", () => {
  it("is looked at again: it is off, or gone", async () => {
    const download = { "vol-download": [failed(STOPPED)], "pool-dumpxml": [XML] };
    const off = scriptedVirsh({ "pool-info": [info("running"), info("inactive")], ...download });
    expect(await lookAtPool(off, "green")).toMatchObject({ name: "green", active: false, mark: undefined });
    const gone = scriptedVirsh({ "pool-info": [info("running"), GONE], ...download });
    expect(await lookAtPool(gone, "green")).toBeUndefined();
  });

  it("has no copy for others", async () => {
    const virsh = scriptedVirsh({
      "pool-list": [said("green\nblue\n")],
      "vol-list": [LIST_OF_STOPPED, said(" disk              /b/disk\n disk.sha256-12    /b/disk.sha256-12\n")],
    });
    expect(await findSharedCopy(virsh, "12")).toEqual({ pool: "blue", name: "disk" });
  });

  it("while it is copied from has its content go over the line", async () => {
    const none = failed("failed to get vol 'new'", "Storage volume not found: no storage vol with matching path 'new'");
    const source = __filename;
    const digest = await digestOf(source);
    const virsh = scriptedVirsh({
      "vol-download": [none],
      "vol-path": [none, said("/pools/blue/new")],
      "vol-dumpxml": [said("<volume><capacity>1</capacity></volume>")],
      "pool-list": [said("green\n")],
      "vol-list": [said(` disk              /g/disk\n disk.sha256-${digest}    /g/mark\n`)],
      "vol-create-from": [failed("Failed to create vol new", `storage ${STOPPED}`)],
      "vol-create": [said("")],
      "vol-upload": [said("")],
      "vol-create-as": [said("")],
    });
    const inputs = volumeInputs.parse({ name: "new", pool: "blue", source, format: "raw", shared: true });
    expect(await makeVolume(virsh, inputs, undefined)).toMatchObject({ path: "/pools/blue/new" });
    const verbs = virsh.calls.map((call) => call.split(" ")[0]);
    expect(verbs).toEqual(expect.arrayContaining(["vol-create-from", "vol-create", "vol-upload"]));
  });

  describe("while all of a host is looked at", () => {
    const directory = mkdtempSync(join(tmpdir(), "busy-storage-"));
    const path = process.env["PATH"];
    afterEach(() => {
      process.env["PATH"] = path;
    });
    afterAll(() => rmSync(directory, { recursive: true }));

    it("is found as it is then, without its volumes", async () => {
      const program = `#!/bin/sh
shift 3
is_on() { [ ! -e ${directory}/stopped ]; }
case $1 in
  pool-list) echo green ;;
  pool-info) printf 'Name: green\\nUUID: u\\nState: %s\\n' "$(is_on && echo running || echo inactive)" ;;
  pool-dumpxml) echo '<pool><target><path>/pools/green</path></target></pool>' ;;
  vol-download) echo aa11/replikube/green/pool >"$5" ;;
  vol-list) touch ${directory}/stopped; echo "error: storage pool 'green' is not active" >&2; exit 1 ;;
esac
`;
      writeFileSync(join(directory, "virsh"), program);
      chmodSync(join(directory, "virsh"), 0o755);
      process.env["PATH"] = `${directory}${delimiter}${path}`;
      const found = await scanHost("test:///default");
      expect(found.filter(({ kind }) => kind !== "bridge")).toEqual([
        { kind: "pool", name: "green", path: "/pools/green", uuid: "u" },
      ]);
    });
  });
});

describe("what another stack copies from", () => {
  const IN_USE = failed("Failed to delete vol v", "Requested operation is not valid: volume 'v' is still in use.");
  const BUSY_POOL = failed(
    "Failed to destroy pool green",
    "internal error: pool 'green' has asynchronous jobs running.",
  );
  const vol = { "vol-path": [said("/pools/green/v")], "vol-dumpxml": [said("<volume/>")], "vol-list": [said("")] };
  const unmarked = failed("failed to get vol 'replikube-mark'", "Storage volume not found: no storage vol with …");
  const pool = { "pool-info": [info("running")], "pool-dumpxml": [XML], "vol-download": [unmarked] };

  it("is removed when the copy has ended: a volume", async () => {
    const virsh = scriptedVirsh({ ...vol, ...pool, list: [said("")], "vol-delete": [IN_USE, said("")] });
    await removeVolume(virsh, { name: "v", pool: "green" }, undefined);
    expect(virsh.calls.filter((call) => call.startsWith("vol-delete"))).toHaveLength(2);
  });

  it("is removed when the copy has ended: a pool", async () => {
    const virsh = scriptedVirsh({
      ...pool,
      "vol-delete": [unmarked],
      "pool-destroy": [BUSY_POOL, said("")],
      "pool-delete": [said("")],
      "pool-undefine": [said("")],
    });
    await removePool(virsh, "green", { mark: undefined, id: "u" });
    expect(virsh.calls.slice(-4)).toEqual([
      "pool-destroy green",
      "pool-destroy green",
      "pool-delete green",
      "pool-undefine green",
    ]);
  });

  it("is given up with libvirt's words when the copy does not end", async () => {
    const error: unknown = await onceFree(scriptedVirsh({ "vol-delete": [IN_USE] }), ["vol-delete", "v"], 0.1).catch(
      (failure: unknown) => failure,
    );
    expect(error).toBeInstanceOf(StepTimeout);
    expect(String(error)).toMatch(/host: virsh vol-delete v did not finish.*\n.*volume 'v' is still in use/);
  });

  it("is not waited for when libvirt refuses for another reason", async () => {
    const virsh = scriptedVirsh({ "pool-destroy": [failed("Failed to destroy pool green", "internal error: no")] });
    await expect(onceFree(virsh, ["pool-destroy", "green"], 2)).rejects.toBeInstanceOf(CommandError);
    expect(virsh.calls).toHaveLength(1);
  });

  it("still shows its consoles, as far as libvirt knows of them", async () => {
    const none = failed("failed to get vol 'c'", "Storage volume not found: no storage vol with matching path 'c'");
    const virsh = scriptedVirsh({ "pool-refresh": [BUSY_POOL], "vol-dumpxml": [none] });
    expect(await readConsole(virsh, "green", "c")).toBeUndefined();
  });
});
