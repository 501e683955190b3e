import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { notFlat, previewTimes } from "../../bench/preview-times";
import { processorSeconds, withTimes } from "../../bench/processor-time";
import { runLocally } from "../../drivers/local-runner";
import type { CommandResult } from "../../drivers/runner";
import { embeddedHostLayout } from "../../plan/embedded-host";
import { makeClone, outcome, succeeded, type Clone } from "../fixtures/clone";
import { TINY_STACK } from "../fixtures/tiny-stack";

/** A preview of a stack that is not there yet, where there is neither a hypervisor nor a network. */

const MINUTE = 60_000;
/**
 * Of all its processes: 4.4 to 6.2 where it took 4 to 5.5 s by the clock (docs/guide/previews.md). CI's slowest computer needed 1.6 times as
 * long for these tests, and 2.8 times for others. By the clock it takes what the other tests leave of the processors.
 */
const AT_MOST_PROCESSOR_SECONDS = 14;

let clone: Clone;

beforeAll(async () => {
  clone = await makeClone({ "Pulumi.tiny.yaml": TINY_STACK });
}, MINUTE);

afterAll(async () => clone.remove(), MINUTE);

/** In a network namespace of its own, where nothing is but the loopback that Pulumi talks to its plugins by. */
async function preview(environment: Readonly<Record<string, string>> = {}): Promise<CommandResult> {
  const script = 'ip link set lo up && exec ./lab preview --stack tiny "$@"';
  const command = withTimes("unshare", "--net", "sh", "-c", script, "sh", "--diff");
  const result = await runLocally(command, { cwd: clone.folder, environment });
  succeeded(result);
  return result;
}

/** The first three numbers of the block that the stack has claimed. */
function claimed(): string {
  const claims = join(clone.folder, ".state/claims");
  const [name = ""] = readdirSync(claims);
  const { cidr }: { readonly cidr: string } = JSON.parse(readFileSync(join(claims, name), "utf8"));
  return cidr.replace(/\.0\/24$/, "");
}

/** What a resource is shown with, up to the next one. */
const shown = (printed: string, urn: RegExp): string =>
  printed.split(/^(?= *\+ \S+: \(create\))/m).find((text) => urn.test(text)) ?? "";

test(
  "tells everything, and starts nothing",
  async () => {
    const { stdout: printed, stderr } = await preview();
    expect(printed).toMatch(/^ *\+ 23 to create$/m);
    expect(stderr).toMatch(/^image node-image-tiny was evaluated in \d+\.\d s$/m);

    const domain = shown(printed, /libvirt:index\/domain:Domain::worker-0\]/);
    expect(domain).toMatch(/memory +: 256$/m);
    expect(domain).toMatch(/vcpu +: 1$/m);
    expect(domain).toMatch(/mac +: "52:54:00(:[0-9a-f]{2}){3}"$/m);
    expect(shown(printed, /libvirt:index\/volume:Volume::worker-0\]/)).toMatch(/size +: 1073741824$/m);
    const [mac = ""] = /52:54:00:[0-9a-f:]+/.exec(domain) ?? [];
    expect(shown(printed, /libvirt:index\/network:Network::network\]/)).toMatch(
      new RegExp(`ip +: "${claimed()}\\.20"\\s+mac +: "${mac}"\\s+name *: "tiny-worker-0"`),
    );
    const init = shown(printed, /dynamic\/replikube:KubeadmInit::cluster\]/);
    expect(init).toMatch(/kubernetesVersion *: "v\d+\.\d+\.\d+"$/m);
    expect(init).toContain(`address   : "${claimed()}.10"`);

    expect(existsSync(join(clone.folder, ".state/host"))).toBe(false);
    expect(existsSync(embeddedHostLayout(join(clone.folder, ".state/host")).namespacePath)).toBe(false);
  },
  3 * MINUTE,
);

test(
  "takes little once the image is evaluated, also when Node has compiled nothing of it yet",
  async () => {
    const { stdout, stderr } = await preview({ NODE_COMPILE_CACHE: join(clone.folder, ".state/nothing-compiled") });
    expect(stderr).toMatch(/^image node-image-tiny is known already \(kept\)$/m);
    expect(processorSeconds(stdout)).toBeGreaterThan(1);
    expect(processorSeconds(stdout)).toBeLessThan(AT_MOST_PROCESSOR_SECONDS);
  },
  MINUTE,
);

test(
  "refuses a setting that is a secret, without showing it",
  async () => {
    const config = (...args: string[]) => clone.lab("pulumi", "config", "--stack", "tiny", ...args);
    succeeded(await config("set", "replikube:ttl", "5h", "--secret"));
    const { exitCode, printed } = outcome(await clone.lab("preview", "--stack", "tiny"));
    expect(exitCode).not.toBe(0);
    expect(printed).toContain("ttl: is set with --secret");
    expect(printed).not.toContain("5h");
    succeeded(await config("rm", "replikube:ttl"));
  },
  MINUTE,
);

test(
  "costs the same for each machine more",
  async () => {
    const times = await previewTimes(clone.folder, [2, 40]);
    expect(notFlat(times)).toEqual([]);
    expect(times[1]?.perMachine).toBeGreaterThan(0);
  },
  5 * MINUTE,
);
