import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { writeHostRecord } from "../../drivers/embedded-host-record";
import type { KvmProof } from "../../drivers/kvm-proof";
import { accelerationOf, type AccelerationRequest } from "../../facts/acceleration";

let folder = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "acceleration-"));
  writeFileSync(join(folder, "kvm"), "");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const works: KvmProof = { kind: "works" };
const fails: KvmProof = { kind: "fails", seen: "failed to set MSR 0x10a" };
const unknown: KvmProof = { kind: "unknown", why: "no kernel" };

const prove = jest.fn<Promise<KvmProof>, [string]>();
beforeEach(() => prove.mockReset());

const acceleration = (more: Partial<AccelerationRequest> = {}): ReturnType<typeof accelerationOf> =>
  accelerationOf({
    setting: "auto",
    libvirtUri: "qemu:///system",
    checkout: folder,
    kernel: "/nix/store/image/vmlinuz",
    device: join(folder, "kvm"),
    prove,
    ...more,
  });

function embeddedHost(kvm: boolean): string {
  mkdirSync(join(folder, "host/run"), { recursive: true });
  writeHostRecord(join(folder, "host/host.json"), {
    schema: 1,
    uri: "",
    namespace: "replikube-test",
    libvirtdPid: 1,
    libvirtdStartTime: "1",
    kvm,
    startedAt: "",
  });
  return `qemu+unix:///system?socket=${folder}/host/run/libvirt-sock`;
}

it("is as asked for, without a look, for tcg", async () => {
  await expect(acceleration({ setting: "tcg" })).resolves.toBe("tcg");
  expect(prove).not.toHaveBeenCalled();
});

it("is the embedded host's own", async () => {
  await expect(acceleration({ libvirtUri: embeddedHost(false) })).resolves.toBe("tcg");
  await expect(acceleration({ libvirtUri: embeddedHost(true) })).resolves.toBe("kvm");
  expect(prove).not.toHaveBeenCalled();
});

it("is proven once for this machine's own libvirt, with the image's kernel", async () => {
  prove.mockResolvedValue(works);
  await expect(acceleration()).resolves.toBe("kvm");
  expect(prove).toHaveBeenCalledWith("/nix/store/image/vmlinuz");
  prove.mockResolvedValue(fails);
  await expect(acceleration()).resolves.toBe("kvm");
  expect(prove).toHaveBeenCalledTimes(1);
});

it("is emulation where KVM fails, and an error with what was seen where it was asked for", async () => {
  prove.mockResolvedValue(fails);
  await expect(acceleration()).resolves.toBe("tcg");
  await expect(acceleration({ setting: "kvm" })).rejects.toThrow(
    /acceleration: is kvm, but KVM does not run a guest on qemu:\/\/\/system: failed to set MSR 0x10a/,
  );
  const without = { device: join(folder, "none") };
  await expect(acceleration(without)).resolves.toBe("tcg");
  await expect(acceleration({ ...without, setting: "kvm" })).rejects.toThrow(/there is no \S+none; set it to tcg/);
  await expect(acceleration({ setting: "kvm", libvirtUri: embeddedHost(false) })).rejects.toThrow("embedded host");
});

it("trusts in KVM what cannot be tried, and tries again later", async () => {
  prove.mockResolvedValue(unknown);
  await expect(acceleration()).resolves.toBe("kvm");
  prove.mockResolvedValue(fails);
  await expect(acceleration()).resolves.toBe("tcg");
  await expect(acceleration({ libvirtUri: "qemu+ssh://lab/system" })).resolves.toBe("kvm");
});

it("forgets a proof of another machine, and a broken one", async () => {
  prove.mockResolvedValue(works);
  mkdirSync(join(folder, ".state"));
  for (const text of ["{", JSON.stringify({ machine: "another", works: false })]) {
    writeFileSync(join(folder, ".state/kvm.json"), text);
    await expect(acceleration()).resolves.toBe("kvm");
  }
});
