import type { Command } from "commander";
import {
  embeddedHostStatus,
  startEmbeddedHost,
  stopEmbeddedHost,
  type EmbeddedHostStatus,
} from "../../drivers/embedded-host";
import { embeddedHostFolder, type Places } from "../places";
import { proofOfKvm } from "../setup/kvm";

/** The embedded host by itself: setup starts it, and nothing stops it but this and a reboot. */

const say = (line: string): void => void process.stdout.write(`${line}\n`);

function statusText(status: EmbeddedHostStatus): string {
  if (status.kind === "running") return `runs: ${status.host.uri} in network namespace ${status.host.namespace}`;
  return status.kind === "broken" ? `is broken: ${status.seen}; ./lab host start repairs it` : "is stopped";
}

export function hostVerb(program: Command, places: Places): void {
  const host = program.command("host").description("the embedded libvirtd: status, start, stop");
  const folder = embeddedHostFolder(places);
  host
    .command("status")
    .description("whether it runs, and where it listens")
    .option("--json", "for a script")
    .action(async ({ json = false }: { readonly json?: boolean }) => {
      const status = await embeddedHostStatus(folder);
      if (json) return say(JSON.stringify(status, undefined, 2));
      say(`the embedded host ${statusText(status)}`);
    });
  host
    .command("start")
    .description("start it")
    .action(async () => {
      const proof = await proofOfKvm(places);
      const { uri } = await startEmbeddedHost({ directory: folder, kvm: proof.kind === "works", report: say });
      say(uri);
    });
  host
    .command("stop")
    .description("stop it and remove what is its own; machines must be gone, or --force switches them off")
    .option("--force", "also while machines run")
    .action(async ({ force = false }: { readonly force?: boolean }) => {
      await stopEmbeddedHost(folder, { force });
      say("the embedded host is stopped, and nothing of it is left");
    });
}
