import { markOf } from "../../../plan/mark";
import { poolUuid, poolXml, seenPoolPath, seenVolume, volumeXml } from "../../../plan/libvirt/storage-xml";

const mark = markOf("c0ffee", "urn:pulumi:dev::replikube::libvirt:index/pool:Pool::pool");

it("gives a pool the UUID that it is to have, or none", () => {
  expect(poolXml("p", "/a <b>", poolUuid(mark))).toBe(
    `<pool type='dir'><name>p</name><uuid>${poolUuid(mark)}</uuid><target><path>/a &lt;b&gt;</path></target></pool>`,
  );
  expect(poolXml("p", "/a", undefined)).not.toContain("uuid");
  expect(seenPoolPath(poolXml("p", "/a <b>", undefined))).toBe("/a <b>");
});

it("derives one UUID per stack and resource", () => {
  expect(poolUuid(mark)).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-8[0-9a-f]{3}-[0-9a-f]{12}$/);
  expect(poolUuid(mark)).toBe(poolUuid({ ...mark }));
  expect(poolUuid({ ...mark, stackId: "beef" })).not.toBe(poolUuid(mark));
  expect(poolUuid({ ...mark, resource: "other" })).not.toBe(poolUuid(mark));
});

it("makes a volume, alone or over a qcow2 file", () => {
  expect(volumeXml({ name: "v", format: "raw", bytes: 512 })).toBe(
    "<volume><name>v</name><capacity unit='bytes'>512</capacity><target><format type='raw'/></target></volume>",
  );
  const overlay = volumeXml({ name: "v", format: "qcow2", bytes: 0, backing: "/store/disk.qcow2" });
  expect(overlay).toContain("<backingStore><path>/store/disk.qcow2</path><format type='qcow2'/></backingStore>");
  expect(seenVolume(overlay)).toEqual({ bytes: 0, format: "qcow2", backing: "/store/disk.qcow2" });
  expect(seenVolume("<volume><capacity>512</capacity></volume>")).toEqual({ bytes: 512, format: "raw" });
});
