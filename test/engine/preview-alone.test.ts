import { existsSync } from "node:fs";
import { join } from "node:path";
import { runLocally } from "../../drivers/local-runner";
import { makeClone, succeeded, type Clone } from "../fixtures/clone";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** A preview of a stack that is not there yet, where there is neither a hypervisor nor a network. */

const MINUTE = 60_000;
/** Five with the processors for itself; another test has a share of them here. */
const AT_MOST_SECONDS = 10;

let clone: Clone;

beforeAll(async () => {
  clone = await makeClone({ "Pulumi.tiny.yaml": TINY_STACK });
}, MINUTE);

afterAll(async () => clone.remove(), MINUTE);

/** In a network namespace of its own, where nothing is but the loopback that Pulumi talks to its plugins by. */
async function preview(): Promise<string> {
  const script = 'ip link set lo up && exec ./lab preview --stack tiny "$@"';
  const result = await runLocally(["unshare", "--net", "sh", "-c", script, "sh", "--diff"], {
    cwd: clone.folder,
    environment: { LIBVIRT_DEFAULT_URI: "qemu+unix:///system?socket=/nonexistent/libvirt-sock" },
  });
  return succeeded(result);
}

test(
  "tells everything, and within seconds once the image is evaluated",
  async () => {
    const first = await preview();
    expect(first).toMatch(/\+ libvirt:index\/domain:Domain: \(create\)/);
    expect(first).toMatch(/^ *\+ \d+ to create/m);
    const began = performance.now();
    expect(await preview()).toMatch(/^ *\+ \d+ to create/m);
    expect((performance.now() - began) / 1000).toBeLessThan(AT_MOST_SECONDS);
    expect(existsSync(join(clone.folder, ".state/host"))).toBe(false);
  },
  3 * MINUTE,
);
