import { garbageText, type GarbageReport } from "../../plan/garbage-report";

const nothing: GarbageReport = { dryRun: false, libvirtUri: "qemu:///system", removed: [], left: [], failed: [] };

it("says that there is nothing", () => {
  expect(garbageText(nothing)).toBe("nothing is left over on qemu:///system or in this checkout\n");
});

it("names everything with its reason, and counts", () => {
  const report: GarbageReport = {
    ...nothing,
    removed: [{ what: ["domain a", "network b"], why: "no state" }],
    left: [{ what: ["domain c"], why: "another's" }],
    failed: [{ what: ["pool d"], why: "host: virsh failed" }],
  };
  expect(garbageText(report)).toBe(`removed: no state
  domain a
  network b
left alone: another's
  domain c
NOT REMOVED: host: virsh failed
  pool d
2 removed, 1 left alone, 1 NOT removed
`);
});

it("does not say removed of what it only would remove", () => {
  const text = garbageText({ ...nothing, dryRun: true, removed: [{ what: ["domain a"], why: "no state" }] });
  expect(text).toBe("would be removed: no state\n  domain a\n1 would be removed, 0 left alone\n");
});
