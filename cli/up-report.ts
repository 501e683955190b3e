import { runningDomains } from "../drivers/libvirt/run-state";
import { timelineFile } from "../drivers/timeline";
import { virshFor } from "../drivers/virsh";
import { upSummary } from "../plan/up-summary";
import type { Places } from "./places";
import { currentRun } from "./pulumi-environment";
import { runningStack } from "./running-stack";
import { timelineOfRun } from "./timeline-report";

/** Undefined when libvirt cannot be asked: then nothing is said of it. */
const runningOn = (libvirtUri: string): Promise<readonly string[] | undefined> =>
  runningDomains(virshFor(libvirtUri)).catch(() => undefined);

/** What is said of a stack that is up. */
export async function sayWhatIsUp(places: Places, stack: string): Promise<void> {
  const outputs = await runningStack(places, stack);
  const timeline = timelineOfRun(timelineFile(places.root, stack), currentRun());
  const { kubeconfig, sshPrivateKey, ...visible } = outputs;
  const secrets = { kubeconfig: String(kubeconfig), sshPrivateKey: String(sshPrivateKey) };
  const running = await runningOn(outputs.libvirtUri);
  const off = outputs.nodes.filter(({ domain }) => running?.includes(domain) === false).map(({ name }) => name);
  const summary = upSummary({
    stack,
    outputs: { ...visible, ...secrets },
    ...(timeline !== undefined && { timeline }),
    off,
  });
  process.stdout.write(`\n${summary}`);
}
