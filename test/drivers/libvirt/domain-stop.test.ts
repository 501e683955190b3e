import { stopDomain, type StopOptions } from "../../../drivers/libvirt/domain-stop";
import type { Virsh } from "../../../drivers/virsh";

/** How long a guest is given to shut down; over a libvirt whose guest obeys at once. */

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
