import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import {
  EMBEDDED_HOST_CONFIGURATION,
  EMBEDDED_HOST_PACKAGES,
  embeddedHostLayout,
  type EmbeddedHostLayout,
} from "../plan/embedded-host";
import { checkoutRoot } from "./checkout-root";
import { readHostRecord, writeHostRecord, type EmbeddedHost } from "./embedded-host-record";
import { guestsOf, removeHost } from "./embedded-host-removal";
import { CommandError, ReplikubeError, lastLines } from "./errors";
import { withFileLock } from "./file-lock";
import { keepAsLast } from "./last-log";
import { runLocally } from "./local-runner";
import { missingPrograms } from "./missing-programs";
import { processesInNamespace, startTimeOf } from "./namespace-processes";

/**
 * The embedded host: a libvirtd of the project's own in a network namespace without a link. This starts, stops and observes
 * it; toolchain/embedded-host/start.sh is its inside.
 */

export type { EmbeddedHost } from "./embedded-host-record";

export type EmbeddedHostStatus =
  | { readonly kind: "running"; readonly host: EmbeddedHost }
  /** Something of it is there, but it does not answer; the next start repairs it. */
  | { readonly kind: "broken"; readonly seen: string }
  | { readonly kind: "stopped" };

export interface StartOptions {
  /** Of the host alone, e.g. `.state/host` of the checkout. */
  readonly directory: string;
  /** Whether KVM was proven to work on this machine (kvm-proof.ts). Guests see no /dev/kvm otherwise. */
  readonly kvm?: boolean;
  readonly report?: (line: string) => void;
}

const CALL_DEADLINE_SECONDS = 20;
const START_DEADLINE_SECONDS = 60;
/** The daemons must not inherit anything: the environment of ./lab holds the passphrase of the state. */
const CLEAN_ENVIRONMENT = ["env", "-i", "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"] as const;

const libvirtContext = { machine: "host", step: "start the embedded libvirtd" } as const;

async function answers(uri: string): Promise<boolean> {
  try {
    const { exitCode } = await runLocally(["virsh", "--connect", uri, "uri"], {
      deadlineSeconds: CALL_DEADLINE_SECONDS,
    });
    return exitCode === 0;
  } catch {
    return false; // no virsh, or no answer in time
  }
}

export async function embeddedHostStatus(directory: string): Promise<EmbeddedHostStatus> {
  const layout = embeddedHostLayout(resolve(directory));
  const host = readHostRecord(layout.record);
  const processes = processesInNamespace(layout.namespacePath);
  if (host === undefined && processes.length === 0) return { kind: "stopped" };
  if (host === undefined) return { kind: "broken", seen: `${processes.length} processes but no record` };
  const daemon = processes.find(
    ({ pid, startTime }) => pid === host.libvirtdPid && startTime === host.libvirtdStartTime,
  );
  if (daemon === undefined) return { kind: "broken", seen: `libvirtd (${host.libvirtdPid}) is gone` };
  if (!(await answers(layout.uri))) return { kind: "broken", seen: `libvirtd (${host.libvirtdPid}) does not answer` };
  return { kind: "running", host };
}

/** Running and answering: nothing happens, but that it gets KVM when it can. Anything else is repaired; guests that still run are kept. */
export async function startEmbeddedHost({
  directory,
  kvm = false,
  report = () => undefined,
}: StartOptions): Promise<EmbeddedHost> {
  const layout = embeddedHostLayout(resolve(directory));
  requirePrerequisites();
  return withFileLock(layout.lock, async () => {
    const status = await embeddedHostStatus(layout.directory);
    const guests = guestsOf(layout);
    if (status.kind === "running" && (status.host.kvm || !kvm || guests.length > 0)) return status.host;
    if (status.kind === "broken") report(`embedded host: ${status.seen}; starting it again`);
    if (guests.length === 0) await removeHost(layout);
    else await removeHost(layout, { keepGuests: true });
    return launch(layout, kvm, report);
  });
}

/** Names of the domains that run in it, whether it answers or not. */
export const guestsIn = (directory: string): readonly string[] =>
  guestsOf(embeddedHostLayout(resolve(directory))).map(({ name }) => name);

/** Nothing of it is left afterwards but its directory with the guests' disks and definitions. */
export async function stopEmbeddedHost(directory: string, options: { readonly force?: boolean } = {}): Promise<void> {
  const layout = embeddedHostLayout(resolve(directory));
  await withFileLock(layout.lock, async () => {
    const guests = guestsOf(layout);
    if (guests.length > 0 && options.force !== true) {
      throw new ReplikubeError(
        `host: the embedded host still runs ${guests.map(({ name }) => name).join(", ")}\nnext: ./lab stop shuts the machines of a stack down and keeps them, ./lab destroy removes them; stopped with --force, the host kills them`,
      );
    }
    await removeHost(layout);
  });
}

async function launch(layout: EmbeddedHostLayout, kvm: boolean, report: (line: string) => void): Promise<EmbeddedHost> {
  const configuration = join(layout.directory, "etc");
  mkdirSync(configuration, { recursive: true });
  for (const [name, text] of Object.entries(EMBEDDED_HOST_CONFIGURATION))
    writeFileSync(join(configuration, name), text);
  if (layout.link !== undefined) {
    rmSync(layout.link, { force: true });
    symlinkSync(layout.directory, layout.link);
  }
  keepAsLast(layout.libvirtdLog);

  const script = join(checkoutRoot(), "toolchain/embedded-host/start.sh");
  const command = ["bash", script, layout.directory, layout.namespace, kvm ? "with-kvm" : "without-kvm"] as const;
  const { exitCode, stderr } = await runLocally([...CLEAN_ENVIRONMENT, ...command], {
    deadlineSeconds: START_DEADLINE_SECONDS,
  });
  const pid = exitCode === 0 ? Number(readFileSync(layout.libvirtdPidFile, "utf8")) : 0;
  const startTime = startTimeOf(pid);
  if (exitCode !== 0 || startTime === undefined || !(await answers(layout.uri))) {
    throw new CommandError(
      { ...libvirtContext, next: `look at ${layout.libvirtdLog}` },
      command.join(" "),
      exitCode,
      `${stderr}\n${libvirtdLog(layout)}`,
    );
  }
  const host: EmbeddedHost = {
    schema: 1,
    uri: layout.uri,
    namespace: layout.namespace,
    libvirtdPid: pid,
    libvirtdStartTime: startTime,
    kvm,
    startedAt: new Date().toISOString(),
  };
  writeHostRecord(layout.record, host);
  report(
    `embedded host: libvirtd runs in network namespace ${layout.namespace}, guests ${kvm ? "with KVM" : "emulated"}`,
  );
  return host;
}

const libvirtdLog = ({ libvirtdLog: path }: EmbeddedHostLayout): string =>
  existsSync(path) ? lastLines(readFileSync(path, "utf8")) : "";

function requirePrerequisites(): void {
  if (process.getuid?.() !== 0) {
    throw new ReplikubeError(
      "host: the embedded host makes network and mount namespaces and needs root\nnext: run this as root, or set libvirtUri to a libvirt that you may use",
    );
  }
  const missing = missingPrograms(Object.values(EMBEDDED_HOST_PACKAGES).flat());
  if (missing.length > 0) {
    throw new ReplikubeError(
      `host: the embedded host needs ${missing.join(", ")}\nnext: ./lab setup, or apt-get install --no-install-recommends ${Object.keys(EMBEDDED_HOST_PACKAGES).join(" ")}`,
    );
  }
}
