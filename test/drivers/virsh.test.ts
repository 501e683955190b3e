import { CommandError } from "../../drivers/errors";
import { lookAtDomain } from "../../drivers/libvirt/domains";
import { lookAtNetwork } from "../../drivers/libvirt/networks";
import { lookAtPool } from "../../drivers/libvirt/pools";
import { machineState } from "../../drivers/libvirt/run-state";
import { lookAtVolume } from "../../drivers/libvirt/volumes";
import { NotFound, virshFor, type Virsh } from "../../drivers/virsh";
import { failed, said, scriptedVirsh } from "../fakes/scripted-virsh";

/** What counts as gone: only what libvirt has looked for. The scripted virsh says what virsh 9.0.0 was seen to say. */

const DISCONNECTED = "Disconnected from qemu:///system due to end of file";
const END_OF_FILE = "End of file while reading data: Input/output error";
/** Of the domain that libvirt's own test driver has. */
const UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f";

const LOOKS: readonly (readonly [string, string, (virsh: Virsh) => Promise<unknown>])[] = [
  ["network", "net-info", (virsh) => lookAtNetwork(virsh, "x")],
  ["pool", "pool-info", (virsh) => lookAtPool(virsh, "x")],
  ["vol", "vol-path", (virsh) => lookAtVolume(virsh, "x", "pool")],
];

describe("a libvirtd that dies in the middle of a call", () => {
  it.each(LOOKS)("says nothing of whether there is a %s", async (kind, verb, look) => {
    const virsh = scriptedVirsh({ [verb]: [failed(DISCONNECTED, `failed to get ${kind} 'x'`, END_OF_FILE)] });
    await expect(look(virsh)).rejects.toBeInstanceOf(CommandError);
  });

  it("says nothing of whether there is a domain, whose loss virsh does not explain", async () => {
    const get = [failed("failed to get domain 'x'")];
    const list = [failed(DISCONNECTED, "Failed to list domains", END_OF_FILE)];
    await expect(lookAtDomain(scriptedVirsh({ dominfo: get, list }), "x")).rejects.toThrow("Failed to list domains");
    await expect(machineState(scriptedVirsh({ domstate: get, list }), "x")).rejects.toThrow("Failed to list domains");
  });

  it.each(["my machine", UUID])("and is there again for the next has domain %s in its list", async (nameOrUuid) => {
    const virsh = scriptedVirsh({
      domstate: [failed(DISCONNECTED, `failed to get domain '${nameOrUuid}'`)],
      list: [said(`${UUID} my machine                    \n`)],
    });
    await expect(machineState(virsh, nameOrUuid)).rejects.toBeInstanceOf(CommandError);
  });
});

describe("an object that libvirt does not have", () => {
  it("is gone: a domain that its list is without", async () => {
    const domstate = [failed("failed to get domain 'x'")];
    const list = [said(`${UUID} x1\n`)];
    expect(await machineState(scriptedVirsh({ domstate, list }), "x")).toBe("gone");
  });

  it.each([
    ["domain", ["dominfo", "none"]],
    ["domain that is asked for by UUID", ["dominfo", "6695eb01-0000-0000-0000-97f2502e193f"]],
    ["network", ["net-info", "none"]],
    ["pool", ["pool-info", "none"]],
    ["volume", ["vol-path", "none", "--pool", "default-pool"]],
    ["volume's pool", ["vol-path", "none", "--pool", "none"]],
  ])("is told by the real virsh: a %s", async (_, args) => {
    await expect(virshFor("test:///default").run(args)).rejects.toBeInstanceOf(NotFound);
  });

  it("is not one that the real virsh finds", async () => {
    expect(await lookAtDomain(virshFor("test:///default"), UUID)).toMatchObject({ running: true });
  });
});

const nextAfter = async (...lines: readonly string[]): Promise<string | undefined> => {
  const error: unknown = await scriptedVirsh({ start: [failed(...lines)] })
    .run(["start", "x"])
    .catch((thrown: unknown) => thrown);
  return error instanceof CommandError ? error.context.next : undefined;
};

describe("what to do next", () => {
  it.each([
    [["failed to connect to the hypervisor", "Failed to connect socket to '/nowhere': No such file or directory"]],
    [[DISCONNECTED, "Failed to start domain 'x'", END_OF_FILE]],
  ])("asks for libvirt when it did not answer", async (lines) => {
    expect(await nextAfter(...lines)).toContain("does libvirt answer? virsh -c 'qemu:///system' version");
  });

  it("does not when libvirt has refused", async () => {
    const reason = "internal error: process exited while connecting to monitor: Cannot allocate memory";
    expect(await nextAfter("Failed to start domain 'x'", reason)).toContain("libvirt answered");
  });

  it("is the same again when virsh was killed", async () => {
    expect(await nextAfter()).toContain("run the same command again");
  });

  it("asks for libvirt of the real virsh, where none is", async () => {
    const nowhere = virshFor("qemu+unix:///system?socket=/nowhere/libvirt-sock");
    await expect(nowhere.run(["version"])).rejects.toThrow("does libvirt answer?");
  });
});
