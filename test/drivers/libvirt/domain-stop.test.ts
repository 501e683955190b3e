import { CommandError, MissingProgram, StepTimeout } from "../../../drivers/errors";
import { stopDomain, type StopOptions } from "../../../drivers/libvirt/domain-stop";
import { HostFailure } from "../../../drivers/ssh-host";
import { NotFound, type Virsh } from "../../../drivers/virsh";

/** Whose plug is pulled: only a guest's that libvirt still sees running when its time is up. */

const context = { machine: "host", step: "virsh domstate", next: "" };
const lostLibvirt = new CommandError(context, "virsh domstate w0", 1, "failed to connect to the hypervisor");
const lostHost = new HostFailure("host h: ssh: cannot be reached");
const gone = new NotFound("host: Domain not found");
const noAnswer = new StepTimeout(context, "virsh domstate w0", 60, "");

interface Script {
  /** Of the looks at the guest, one after the other; the last stays. */
  readonly states: readonly (string | Error)[];
  /** Of the requests to stop. */
  readonly requests?: readonly ("heard" | Error)[];
}

function libvirtSaying({ states, requests = ["heard"] }: Script): { readonly virsh: Virsh; readonly done: string[] } {
  const left = { domstate: [...states], shutdown: [...requests] };
  const done: string[] = [];
  const next = (verb: "domstate" | "shutdown"): string | Error =>
    (left[verb].length > 1 ? left[verb].shift() : left[verb][0]) ?? new Error(`${verb}: not expected`);
  return {
    done,
    virsh: {
      uri: "test:///",
      run: ([verb = ""]) => {
        if (verb !== "domstate") done.push(verb);
        const said = verb === "domstate" || verb === "shutdown" ? next(verb) : "";
        return said instanceof Error
          ? Promise.reject(said)
          : Promise.resolve({ exitCode: 0, stdout: said, stderr: "" });
      },
    },
  };
}

const stop = (virsh: Virsh, shutdownSeconds: number): Promise<unknown> =>
  stopDomain(virsh, "w0", { shutdownSeconds }).catch((error: unknown) => error);

it.each([
  ["a libvirt that starts again", lostLibvirt],
  ["a host whose ssh takes no more connections", lostHost],
  ["a libvirt that does not answer", noAnswer],
])("waits on over %s, and the guest goes off by itself", async (_, failure) => {
  const { virsh, done } = libvirtSaying({ states: ["running", failure, "running", "shut off"] });
  expect(await stop(virsh, 10)).toBe("shut down");
  expect(done).toEqual(["shutdown"]);
});

it("pulls no plug when nothing is known of the guest at the end, and tells why", async () => {
  const { virsh, done } = libvirtSaying({ states: ["running", "running", lostHost, "running"] });
  expect(await stop(virsh, 1.5)).toBe(lostHost);
  expect(done).toEqual(["shutdown"]);
});

it.each<readonly [string, Script]>([
  ["when it stops", { states: ["running", "running", gone, "running"] }],
  ["before it is asked", { states: ["running"], requests: [gone] }],
])("takes a guest that libvirt has forgotten %s for one that is off", async (_, script) => {
  const { virsh, done } = libvirtSaying(script);
  expect(await stop(virsh, 60)).toBe("shut down");
  expect(done).toEqual(["shutdown"]);
});

it("ends at once for a guest that cannot be looked at here", async () => {
  const failure = new MissingProgram("virsh");
  const { virsh, done } = libvirtSaying({ states: ["running", "running", failure, "running"] });
  const started = performance.now();
  expect(await stop(virsh, 60)).toBe(failure);
  expect(performance.now() - started).toBeLessThan(5000);
  expect(done).toEqual(["shutdown"]);
});

it("asks again when nobody heard the first request, and not when somebody did", async () => {
  const { virsh, done } = libvirtSaying({
    states: ["running", "running", "running", "running", "shut off"],
    requests: [lostHost, lostLibvirt, "heard"],
  });
  expect(await stop(virsh, 10)).toBe("shut down");
  expect(done).toEqual(["shutdown", "shutdown", "shutdown"]);
});

it("switches off a guest that runs on, though a look at it failed before", async () => {
  const { virsh, done } = libvirtSaying({ states: ["running", lostLibvirt, "running"] });
  expect(await stop(virsh, 1.5)).toBe("switched off");
  expect(done).toEqual(["shutdown", "destroy"]);
});

it("pulls no plug when it is cancelled", async () => {
  const { virsh, done } = libvirtSaying({ states: ["running"] });
  await expect(stopDomain(virsh, "w0", { signal: AbortSignal.timeout(200) })).rejects.toThrow("aborted");
  expect(done).toEqual(["shutdown"]);
});

/** Told by a guest that obeys at once. */
async function patienceWith(options: StopOptions): Promise<number | undefined> {
  let state = "running";
  let patience: number | undefined;
  const virsh: Virsh = {
    uri: "test:///",
    run: ([verb], { deadlineSeconds } = {}) => {
      if (verb === "shutdown") [state, patience] = ["shut off", deadlineSeconds];
      return Promise.resolve({ exitCode: 0, stdout: state, stderr: "" });
    },
  };
  expect(await stopDomain(virsh, "guest", options)).toBe("shut down");
  return patience;
}

test("a guest gets half of the resource's own time-out, however long, or what is said, or two minutes", async () => {
  expect(await patienceWith({ timeoutSeconds: 1200 })).toBeCloseTo(600, 1);
  expect(await patienceWith({ timeoutSeconds: 20 })).toBeCloseTo(10, 1);
  expect(await patienceWith({ timeoutSeconds: 0, shutdownSeconds: 45 })).toBeCloseTo(45, 1);
  expect(await patienceWith({})).toBeCloseTo(120, 1);
});
