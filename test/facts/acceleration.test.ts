import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { proofOfKvm } from "../../cli/setup/kvm";
import { writeHostRecord } from "../../drivers/embedded-host-record";
import type { KvmProof } from "../../drivers/kvm-proof";
import { startTimeOf } from "../../drivers/namespace-processes";
import { accelerationOf, type AccelerationRequest } from "../../facts/acceleration";
import { embeddedHostLayout } from "../../plan/embedded-host";

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
    cache: join(folder, "cache"),
    prove,
    ...more,
  });

/** Of this checkout, as `./lab up` starts it. */
const ownHost = (): string => embeddedHostLayout(join(folder, ".state/host")).uri;

/** This process stands for its libvirtd. */
function embeddedHost(kvm: boolean, libvirtdStartTime = startTimeOf(process.pid) ?? ""): string {
  mkdirSync(join(folder, ".state/host"), { recursive: true });
  writeHostRecord(join(folder, ".state/host/host.json"), {
    schema: 1,
    uri: "",
    namespace: "replikube-test",
    libvirtdPid: process.pid,
    libvirtdStartTime,
    kvm,
    startedAt: "",
  });
  return ownHost();
}

const BEFORE_THE_REBOOT = "1";

it("is as asked for, without a look, for tcg", async () => {
  await expect(acceleration({ setting: "tcg" })).resolves.toBe("tcg");
  expect(prove).not.toHaveBeenCalled();
});

it("is the embedded host's own", async () => {
  await expect(acceleration({ libvirtUri: embeddedHost(false) })).resolves.toBe("tcg");
  await expect(acceleration({ libvirtUri: embeddedHost(true) })).resolves.toBe("kvm");
  expect(prove).not.toHaveBeenCalled();
});

it("of an embedded host that does not run is what setup found out on this boot, or finds out as setup does", async () => {
  prove.mockResolvedValue(works);
  await expect(acceleration({ libvirtUri: ownHost() })).resolves.toBe("kvm");
  await expect(acceleration({ libvirtUri: embeddedHost(false, BEFORE_THE_REBOOT) })).resolves.toBe("kvm");
  expect(prove.mock.calls).toEqual([["/nix/store/image/vmlinuz"]]);
  const device = join(folder, "kvm");
  await proofOfKvm(placesOf(folder, { XDG_CACHE_HOME: join(folder, "other") }), device, async () => fails);
  await expect(acceleration({ libvirtUri: ownHost(), cache: join(folder, "other/replikube") })).resolves.toBe("tcg");
  expect(prove).toHaveBeenCalledTimes(1);
});

it("of an embedded host that does not run is what it had before, else told as not known, where KVM cannot be tried", async () => {
  prove.mockResolvedValue(unknown);
  const said = jest.spyOn(console, "error").mockReturnValue();
  await expect(acceleration({ libvirtUri: embeddedHost(false, BEFORE_THE_REBOOT) })).resolves.toBe("tcg");
  expect(said).not.toHaveBeenCalled();
  rmSync(join(folder, ".state"), { recursive: true });
  await expect(acceleration({ libvirtUri: ownHost() })).resolves.toBe("kvm");
  expect(said.mock.calls).toEqual([[expect.stringContaining("has not been tried yet")]]);
  said.mockRestore();
  await expect(acceleration({ libvirtUri: ownHost(), device: join(folder, "none") })).resolves.toBe("tcg");
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
  mkdirSync(join(folder, ".state"), { recursive: true });
  for (const text of ["{", JSON.stringify({ machine: "another", works: false })]) {
    writeFileSync(join(folder, ".state/kvm.json"), text);
    await expect(acceleration()).resolves.toBe("kvm");
  }
});
