import { CommandError } from "../../drivers/errors";
import { lookAtDomain } from "../../drivers/libvirt/domains";
import { lookAtNetwork } from "../../drivers/libvirt/networks";
import { lookAtPool } from "../../drivers/libvirt/pools";
import { machineState } from "../../drivers/libvirt/run-state";
import { lookAtVolume } from "../../drivers/libvirt/volumes";
import type { CommandResult, CommandRunner } from "../../drivers/runner";
import { NotFound, virshFor, type Virsh } from "../../drivers/virsh";

/** What counts as gone: only what libvirt has looked for. The fake virsh says what virsh 9.0.0 was seen to say. */

const URI = "qemu:///system";
const DISCONNECTED = `error: Disconnected from ${URI} due to end of file`;
const END_OF_FILE = "error: End of file while reading data: Input/output error";

/** Of the domain that libvirt's own test driver has. */
const UUID = "6695eb01-f6a4-8304-79aa-97f2502e193f";

const said = (stdout: string): CommandResult => ({ exitCode: 0, stdout, stderr: "" });
const failed = (...lines: readonly string[]): CommandResult => ({
  exitCode: 1,
  stdout: "",
  stderr: `${lines.join("\n")}\n`,
});

/** By verb; the last answer is given again and again. */
function fakeVirsh(answers: Readonly<Record<string, readonly CommandResult[]>>): Virsh {
  const left = new Map(Object.entries(answers).map(([verb, results]) => [verb, [...results]]));
  const runner: CommandRunner = {
    machine: "host",
    run: ([_program, _quiet, _connect, _uri, verb = ""]) => {
      const results = left.get(verb) ?? [];
      const result = results.length > 1 ? results.shift() : results[0];
      return result === undefined ? Promise.reject(new Error(`virsh ${verb}: not expected`)) : Promise.resolve(result);
    },
  };
  return virshFor(URI, runner);
}

const LOOKS: readonly (readonly [string, string, (virsh: Virsh) => Promise<unknown>])[] = [
  ["network", "net-info", (virsh) => lookAtNetwork(virsh, "x")],
  ["pool", "pool-info", (virsh) => lookAtPool(virsh, "x")],
  ["vol", "vol-path", (virsh) => lookAtVolume(virsh, "x", "pool")],
];

describe("a libvirtd that dies in the middle of a call", () => {
  it.each(LOOKS)("says nothing of whether there is a %s", async (kind, verb, look) => {
    const virsh = fakeVirsh({ [verb]: [failed(DISCONNECTED, `error: failed to get ${kind} 'x'`, END_OF_FILE)] });
    await expect(look(virsh)).rejects.toBeInstanceOf(CommandError);
  });

  it("says nothing of whether there is a domain, whose loss virsh does not explain", async () => {
    const get = [failed("error: failed to get domain 'x'")];
    const list = [failed(DISCONNECTED, "error: Failed to list domains", END_OF_FILE)];
    await expect(lookAtDomain(fakeVirsh({ dominfo: get, list }), "x")).rejects.toThrow("Failed to list domains");
    await expect(machineState(fakeVirsh({ domstate: get, list }), "x")).rejects.toThrow("Failed to list domains");
  });

  it.each(["my machine", UUID])("and is there again for the next has domain %s in its list", async (nameOrUuid) => {
    const virsh = fakeVirsh({
      domstate: [failed(DISCONNECTED, `error: failed to get domain '${nameOrUuid}'`)],
      list: [said(`${UUID} my machine                    \n`)],
    });
    await expect(machineState(virsh, nameOrUuid)).rejects.toBeInstanceOf(CommandError);
  });
});

describe("an object that libvirt does not have", () => {
  it("is gone: a domain that its list is without", async () => {
    const domstate = [failed("error: failed to get domain 'x'")];
    const list = [said(`${UUID} x1\n`)];
    expect(await machineState(fakeVirsh({ domstate, list }), "x")).toBe("gone");
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
