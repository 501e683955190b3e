import { CommandError } from "../../drivers/errors";
import { startMachines, stopMachines } from "../../drivers/stack-power";
import { NotFound, type Virsh } from "../../drivers/virsh";
import { markText } from "../../plan/mark";
import type { StackMachine } from "../../plan/stack-members";

/** Which machines are touched, in which order, and what is said of them; over a libvirt that knows domains by name. */

interface Guest {
  state: string;
  readonly instance: string;
  readonly stackId: string;
  /** Does not hear that it should stop. */
  readonly deaf?: boolean;
}

const mark = { stackId: "aa11", project: "replikube", stack: "dev", resource: "" };

const xml = ({ instance, stackId }: Guest): string =>
  `<domain><metadata><replikube:domain xmlns:replikube="urn:replikube:domain:1" instance="${instance}" mark="${markText({ ...mark, stackId })}"/></metadata></domain>`;

/** With every verb that changes something, as it came. */
function libvirtWith(guests: Readonly<Record<string, Guest>>): { readonly virsh: Virsh; readonly done: string[] } {
  const done: string[] = [];
  const change = (verb: string, name: string, guest: Guest): void => {
    done.push(`${verb} ${name}`);
    if (verb === "shutdown" && guest.state === "running" && guest.deaf !== true) guest.state = "shut off";
    if (verb === "destroy") guest.state = "shut off";
    if (verb === "start" || verb === "resume") guest.state = "running";
  };
  const answer = (verb: string, name: string, guest: Guest): string => {
    if (verb === "dominfo") return `State: ${guest.state}`;
    if (verb === "dumpxml") return xml(guest);
    if (verb === "domstate") return guest.state;
    change(verb, name, guest);
    return "";
  };
  return {
    done,
    virsh: {
      uri: "test:///",
      run: ([verb = "", ...args]) => {
        const [name = "", guest] = Object.entries(guests).find(([each]) => args.includes(each)) ?? [];
        if (guest === undefined) return Promise.reject(new NotFound("host: Domain not found"));
        return Promise.resolve({ exitCode: 0, stdout: answer(verb, name, guest), stderr: "" });
      },
    },
  };
}

const running = (name: string, more: Partial<Guest> = {}): Guest => ({
  state: "running",
  instance: `i-${name}`,
  stackId: "aa11",
  ...more,
});

const machine = (domainName: string, role: StackMachine["role"] = "worker"): StackMachine => ({
  role,
  domainName,
  instance: `i-${domainName}`,
});
const machines = [machine("cp", "control-plane"), machine("w0"), machine("w1")];

const lines = (name: string) => [`${name}: shutting down`, `${name}: shut down after 0 s`];

async function stop(guests: Readonly<Record<string, Guest>>) {
  const { virsh, done } = libvirtWith(guests);
  const said: string[] = [];
  const report = (line: string): void => void said.push(line);
  const stopped = await stopMachines(virsh, { mark, machines, shutdownSeconds: 1, report }).catch(
    (error: unknown) => error,
  );
  return { stopped, done, said };
}

async function start(guests: Readonly<Record<string, Guest>>, awaitMachine = (_name: string) => Promise.resolve()) {
  const { virsh, done } = libvirtWith(guests);
  const said: string[] = [];
  const request = {
    mark,
    machines,
    report: (line: string): void => void said.push(line),
    awaitMachine: async ({ domainName }: StackMachine): Promise<void> => {
      await awaitMachine(domainName);
      done.push(`there ${domainName}`);
    },
  };
  const failure = await startMachines(virsh, request).catch((error: unknown) => error);
  return { failure, done, said };
}

const all = (more: Readonly<Record<string, Partial<Guest>>> = {}) =>
  Object.fromEntries(["cp", "w0", "w1"].map((name) => [name, running(name, more[name])]));

describe("stop", () => {
  it("shuts the workers down, and when they are off the control plane", async () => {
    const { done, said } = await stop(all());
    expect(done).toEqual(["shutdown w0", "shutdown w1", "shutdown cp"]);
    expect(said.slice(0, 4).toSorted()).toEqual([...lines("w0"), ...lines("w1")].toSorted());
    expect(said.slice(4)).toEqual(lines("cp"));
  });

  it("switches off what does not hear, and says so", async () => {
    const { done, said } = await stop(all({ w1: { deaf: true } }));
    expect(done).toEqual(["shutdown w0", "shutdown w1", "destroy w1", "shutdown cp"]);
    expect(said).toContain("w1: SWITCHED OFF, because it did not shut down within 1 s");
  });

  it("wakes a paused guest, which could not shut down else", async () => {
    const { done } = await stop(all({ w0: { state: "paused" } }));
    expect(done.filter((each) => each.endsWith("w0"))).toEqual(["resume w0", "shutdown w0"]);
  });

  it("has nothing to do with a stack that is off, and tells what is not there", async () => {
    const { w1: _, ...guests } = all({ cp: { state: "shut off" }, w0: { state: "shut off" } });
    const { done, said, stopped } = await stop(guests);
    expect([done, said]).toEqual([[], []]);
    expect(stopped).toEqual([
      { machine: machines[1], outcome: "was off" },
      { machine: machines[0], outcome: "was off" },
    ]);
  });

  it.each([
    ["somebody else's domain under a machine's name", { stackId: "bb22" }, "id bb22; it was not changed"],
    ["another machine of the stack than the state knows", { instance: "new" }, "another machine than the one in"],
  ])("touches nothing at all when there is %s", async (_, more, message) => {
    const { done, stopped } = await stop(all({ cp: more }));
    expect(String(stopped)).toContain(message);
    expect(done).toEqual([]);
  });
});

describe("start", () => {
  const off = { state: "shut off" };

  it("starts the control plane, and when it is there the workers", async () => {
    const { done } = await start(all({ cp: off, w0: off, w1: off }));
    expect(done.slice(0, 2)).toEqual(["start cp", "there cp"]);
    expect(done.slice(2).toSorted()).toEqual(["start w0", "start w1", "there w0", "there w1"]);
  });

  it("lets what runs run, wakes what is paused, and waits for both all the same", async () => {
    const { done, said } = await start(all({ w0: { state: "paused" } }));
    expect(done.toSorted()).toEqual(["resume w0", "there cp", "there w0", "there w1"]);
    expect(said.toSorted()).toEqual(["cp: it runs", "w0: it was paused, and goes on", "w1: it runs"]);
  });

  it("starts nothing when a machine is not there any more", async () => {
    const { cp: _, ...guests } = all({ w0: off, w1: off });
    const { done, failure } = await start(guests);
    expect(String(failure)).toContain("cp: not there any more; nothing was started\nnext: ./lab refresh");
    expect(done).toEqual([]);
  });

  it("does not start the workers of a control plane that does not come", async () => {
    const context = { machine: "cp", step: "boot", next: "" };
    const { done, failure } = await start(all({ cp: off, w0: off, w1: off }), () =>
      Promise.reject(new CommandError(context, "boot", 1, "")),
    );
    expect(String(failure)).toContain("cp: boot failed");
    expect(done).toEqual(["start cp"]);
  });
});
