import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { hostFiles } from "../../drivers/host-files";
import { embeddedHostLayout } from "../../plan/embedded-host";

/** Where files are looked for; the folders are there, a libvirt is not. */

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "files-"));
  put("lock"); // by this a stopped embedded host is known
});
afterEach(() => rmSync(directory, { recursive: true }));

function put(name: string, text = ""): string {
  const path = join(directory, name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  return path;
}

const uri = (): string => embeddedHostLayout(directory).uri;
const seen = (...poolFolders: readonly string[]) => hostFiles(uri(), poolFolders);

it("what libvirt keeps beside its objects is looked for in the embedded host's own folder", () => {
  const kept = [
    ["NVRAM", put("lib/qemu/nvram/dev-worker-0_VARS.fd"), "dev-worker-0"],
    ["saved state", put("lib/qemu/save/dev-worker-0.save"), "dev-worker-0"],
    ["snapshot", put("lib/qemu/snapshot/dev-worker-0/before.xml"), "dev-worker-0"],
    ["dnsmasq configuration", put("lib/dnsmasq/dev.conf"), "dev"],
    ["leases", put("lib/dnsmasq/rk1.status"), "rk1"],
  ].map(([kind, name, of]) => ({ kind, name, of }));
  put("lib/qemu/channel/target/domain-1/agent");
  expect(seen()).toEqual({ objects: kept, unseen: [] });
});

it("a pool's folder is looked into once, also when libvirt calls it by another path than this machine", () => {
  const [disk, inside] = [put("disks/a.qcow2"), put("lib/images/b.qcow2")];
  expect(seen(dirname(disk), `${dirname(disk)}/`, "/var/lib/libvirt/images", join(directory, "none"))).toEqual({
    objects: [
      { kind: "file", name: disk },
      { kind: "file", name: inside },
    ],
    unseen: [],
  });
});

it("a pool's mark says whose the pool was", () => {
  const name = put("disks/replikube-mark", "aa11/replikube/dev/0011\n");
  const mark = { stackId: "aa11", project: "replikube", stack: "dev", resource: "0011" };
  expect(seen(dirname(name)).objects).toEqual([{ kind: "file", name, mark }]);
});

it("this machine's folders say nothing of another one's libvirt", () => {
  const disk = put("disks/a.qcow2");
  expect(hostFiles("qemu+ssh://me@far/system", [dirname(disk)])).toEqual({ objects: [], unseen: [] });
});
