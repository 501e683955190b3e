import { waitOptions } from "../../drivers/guest-boot";
import { DEADLINES } from "../../plan/deadlines";

/** How long a machine that boots is waited for. */

it.each(["boot", "address", "hostKey", "ssh", "runtime"] as const)(
  "%s goes by its own deadline, and names it",
  (name) => {
    const emulated = waitOptions({ nodeName: "worker-0", deadlinesFactor: 5 }, name);
    expect(emulated.deadlineSeconds).toBe(DEADLINES[name].seconds * 5);
    expect(emulated.context.next).toContain(`deadlines.${name}`);
    const own = waitOptions({ nodeName: "worker-0", deadlinesFactor: 5, deadlines: { [name]: 77 } }, name);
    expect(own.deadlineSeconds).toBe(77);
  },
);
