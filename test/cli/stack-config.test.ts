import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { configuredText, configuredUri, configuredVirshSeconds, renewStackConfig } from "../../cli/stack-config";

describe("the copy of a stack's configuration", () => {
  const root = mkdtempSync(join(tmpdir(), "stack-config-"));
  const places = placesOf(root);
  const source = join(root, "Pulumi.dev.yaml");
  beforeAll(() => {
    writeFileSync(join(root, "Pulumi.yaml"), "name: replikube\n");
    writeFileSync(source, "config: {}\n");
  });
  afterAll(() => rmSync(root, { recursive: true }));

  it("follows the source, keeps Pulumi's salt, and leaves the source alone", () => {
    const copy = renewStackConfig(places, "dev");
    writeFileSync(copy, "encryptionsalt: v1:abc\nconfig: {}\n");
    writeFileSync(source, "config:\n  replikube:workers: 2\n");
    renewStackConfig(places, "dev");
    expect(readFileSync(copy, "utf8")).toBe("config:\n  replikube:workers: 2\nencryptionsalt: v1:abc\n");
    expect(readFileSync(source, "utf8")).toBe("config:\n  replikube:workers: 2\n");
  });

  it("says which stacks there are when one is not", () => {
    expect(() => renewStackConfig(places, "nope")).toThrow("no Pulumi.nope.yaml; stacks with one: dev");
  });
});

test("the libvirt that a configuration names is known without Pulumi", () => {
  const root = mkdtempSync(join(tmpdir(), "stack-config-"));
  const uriIn = (text: string) => {
    writeFileSync(join(root, "Pulumi.dev.yaml"), text);
    return configuredUri(placesOf(root), "dev");
  };
  expect(uriIn("config:\n  replikube:libvirtUri: qemu:///session\n")).toEqual({ libvirtUri: "qemu:///session" });
  expect(["", "config: {}\n", 'config:\n  replikube:libvirtUri: ""\n'].map(uriIn)).toEqual([{}, {}, {}]);
  expect(configuredUri(placesOf(root), "none")).toEqual({});
  uriIn("config:\n  replikube:ttl: 8h\n  replikube:workers: 2\n");
  expect(["ttl", "workers"].map((name) => configuredText(placesOf(root), "dev", name))).toEqual(["8h", undefined]);
  rmSync(root, { recursive: true });
});

test.each([
  ["nothing", "", 60],
  ["a factor", "config:\n  replikube:deadlinesFactor: 3\n", 180],
  ["no factor of its own", "config:\n  replikube:deadlinesFactor: 0\n", 60],
  ["the deadline itself", "config:\n  replikube:deadlinesFactor: 3\n  replikube:deadlines:\n    virsh: 20\n", 20],
  ["what is none", "config:\n  replikube:deadlinesFactor: soon\n  replikube:deadlines: 7\n", 60],
])("a call of virsh goes by what a configuration says: %s", (_, text, seconds) => {
  const root = mkdtempSync(join(tmpdir(), "stack-config-"));
  writeFileSync(join(root, "Pulumi.dev.yaml"), text);
  expect(configuredVirshSeconds(placesOf(root), "dev")).toBe(seconds);
  rmSync(root, { recursive: true });
});
