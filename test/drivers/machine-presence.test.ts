import { setTimeout as sleep } from "node:timers/promises";
import { NotFound, type Virsh } from "../../drivers/virsh";
import { Asleep, whileMachineIsAwake, whileMachineIsThere, whileMachinesRun } from "../../drivers/machine-presence";

const machine = { domainName: "replikube-dev-control-plane-0", instance: "first" };
const LOOK_SECONDS = 0.01;

const xmlOf = (instance: string): string =>
  `<domain><metadata><replikube:domain xmlns:replikube="urn:replikube" instance="${instance}"/></metadata></domain>`;

/** A libvirt in which the domain is what `instance` says at the time; undefined: it is not there. */
const libvirtWith = (instance: () => string | undefined): Virsh => ({
  uri: "test:///",
  run: ([verb]) => {
    const now = instance();
    if (now === undefined) return Promise.reject(new NotFound("host: Domain not found"));
    return Promise.resolve({ exitCode: 0, stdout: verb === "dumpxml" ? xmlOf(now) : "State: running", stderr: "" });
  },
});

const failing = () => Promise.reject(new Error("the drain failed"));
const untilAborted = (signal: AbortSignal): Promise<void> =>
  new Promise((_, reject) => signal.addEventListener("abort", () => reject(new Error("aborted"))));

it("lets work on a machine that stays end as it ends", async () => {
  const virsh = libvirtWith(() => "first");
  await expect(whileMachineIsThere(virsh, machine, () => Promise.resolve(), LOOK_SECONDS)).resolves.toBeUndefined();
  await expect(whileMachineIsThere(virsh, machine, failing, LOOK_SECONDS)).rejects.toThrow("the drain failed");
});

it.each([
  ["is taken away", undefined],
  ["becomes another one", "second"],
])("ends the work when the machine %s", async (_, later) => {
  let looks = 0;
  const virsh = libvirtWith(() => (++looks > 4 ? later : "first"));
  await expect(whileMachineIsThere(virsh, machine, untilAborted, LOOK_SECONDS)).resolves.toBeUndefined();
});

it("forgets the failure of work whose machine turns out to be gone", async () => {
  let there: string | undefined = "first";
  const work = () => {
    there = undefined;
    return Promise.reject(new Error("connection lost"));
  };
  await expect(
    whileMachineIsThere(
      libvirtWith(() => there),
      machine,
      work,
      60,
    ),
  ).resolves.toBeUndefined();
});

it("does not take a libvirt that cannot be asked for one without the machine", async () => {
  const virsh: Virsh = { uri: "test:///", run: () => Promise.reject(new Error("no answer")) };
  await expect(whileMachineIsThere(virsh, machine, failing, LOOK_SECONDS)).rejects.toThrow("the drain failed");
});

/** A libvirt that says these one after the other, and the last one ever after. */
const saying = (...states: readonly (string | Error)[]): Virsh => {
  let looks = 0;
  return {
    uri: "test:///",
    run: () => {
      const state = states[Math.min(looks++, states.length - 1)] ?? "";
      if (state instanceof Error) return Promise.reject(state);
      return Promise.resolve({ exitCode: 0, stdout: `${state}\n`, stderr: "" });
    },
  };
};
const never = new Promise<never>(() => undefined);
const untilLetGo = (signal: AbortSignal): Promise<never> =>
  Promise.race([
    never,
    new Promise<never>((_, reject) => signal.addEventListener("abort", () => reject(signal.reason))),
  ]);

describe("work on a machine that has to be awake", () => {
  it("ends as it ends, also when libvirt does not answer", async () => {
    for (const virsh of [saying("running"), saying("in shutdown"), saying(new Error("no answer"))])
      await expect(whileMachineIsAwake(virsh, machine, () => Promise.resolve(7), LOOK_SECONDS)).resolves.toBe(7);
    await expect(whileMachineIsAwake(saying("running"), machine, failing, LOOK_SECONDS)).rejects.toThrow("the drain");
  });

  it("is not begun when it sleeps already", async () => {
    const work = jest.fn();
    const gone = whileMachineIsAwake(saying(new NotFound("host: Domain not found")), machine, work, LOOK_SECONDS);
    await expect(gone).rejects.toMatchObject({ state: "gone" });
    await expect(whileMachineIsAwake(saying("paused"), machine, work, LOOK_SECONDS)).rejects.toBeInstanceOf(Asleep);
    expect(work).not.toHaveBeenCalled();
  });

  it("is given up when it falls asleep meanwhile", async () => {
    const given = whileMachineIsAwake(saying("running", "running", "paused"), machine, untilLetGo, LOOK_SECONDS);
    await expect(given).rejects.toThrow("its machine is paused");
  });
});

/** A libvirt whose list of running domains is another one each time; of the worker it says `state`. */
const libvirtListing = (state: string | Error, ...lists: readonly (string | Error)[]): Virsh => {
  const list = saying(...lists);
  const domain = saying(state);
  return { uri: "test:///", run: (args) => (args[0] === "list" ? list : domain).run(args) };
};
describe("work that needs all machines of a cluster", () => {
  const cluster = ["cp", "worker"].map((nodeName) => ({ nodeName, domainName: `replikube-${nodeName}` }));
  const RUNNING = "replikube-cp\nreplikube-worker";

  const waiting = (virsh: Virsh) => whileMachinesRun(virsh, cluster, untilLetGo, LOOK_SECONDS);

  it.each([
    ["shut off (destroyed)", "shut off (destroyed)", "./lab refresh, then ./lab up"],
    ["paused (I/O error)", "paused (I/O error)", "make room"],
    ["gone", new NotFound("host: Domain not found"), "./lab refresh, then ./lab up"],
  ])("is given up when one is %s, and says which", async (text, state, next) => {
    const given = waiting(libvirtListing(state, RUNNING, RUNNING, "replikube-cp"));
    await expect(given).rejects.toThrow(`worker: domain replikube-worker is ${text}\nnext: ${next}`);
  });

  it("goes on while one is on its way, and while libvirt does not answer", async () => {
    const virsh = libvirtListing("in shutdown (unknown)", new Error("no answer"), "replikube-cp", RUNNING);
    const work = (signal: AbortSignal) => Promise.race([untilLetGo(signal), sleep(20 * LOOK_SECONDS * 1000, "done")]);
    await expect(whileMachinesRun(virsh, cluster, work, LOOK_SECONDS)).resolves.toBe("done");
  });
});
