import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { consolesIn, readConsole } from "../drivers/libvirt/console-volumes";
import { localRunner } from "../drivers/local-runner";
import { virshFor } from "../drivers/virsh";
import { libvirtUriOf } from "../facts/load-facts";
import { isOnThisMachine } from "../plan/libvirt-uri";
import { stackObjectName } from "../plan/names";
import { stackDirectory } from "../plan/plan-topology";
import type { Places } from "./places";
import { projectName } from "./pulumi-program";
import { configuredUri, configuredVirshSeconds } from "./stack-config";

/** The consoles of a stack's machines, on whichever host they are. Works while a stack is half up. */
export interface MachineConsole {
  /** Of the machine. */
  readonly name: string;
  /** Absent on another host. */
  readonly file?: string;
  readonly read: () => Promise<string>;
}

const ENDING = /(\.console)?\.log$/;

export async function consolesOf(places: Places, stack: string): Promise<readonly MachineConsole[]> {
  const uri = libvirtUriOf(configuredUri(places, stack), places.root);
  return isOnThisMachine(uri) ? consolesHere(places, stack) : consolesOn(uri, places, stack);
}

function consolesHere({ root }: Places, stack: string): readonly MachineConsole[] {
  const folder = join(stackDirectory(root, stack), "console");
  return (existsSync(folder) ? readdirSync(folder) : []).map((fileName) => {
    const file = join(folder, fileName);
    return { name: fileName.replace(ENDING, ""), file, read: async () => readFileSync(file, "utf8") };
  });
}

async function consolesOn(uri: string, places: Places, stack: string): Promise<readonly MachineConsole[]> {
  const virsh = virshFor(uri, localRunner, configuredVirshSeconds(places, stack));
  const pool = stackObjectName({ project: projectName(places.root), stack });
  const names = await consolesIn(virsh, pool);
  return names.map((name) => ({
    name: name.replace(ENDING, ""),
    read: async () => (await readConsole(virsh, pool, name)) ?? "",
  }));
}
