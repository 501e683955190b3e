import { existsSync, readFileSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { ReplikubeError } from "../drivers/errors";
import { writeWholeFile } from "../drivers/whole-file";
import { deadlineSeconds } from "../plan/deadlines";
import type { Places } from "./places";

/**
 * The configuration file that Pulumi gets is a copy under .state/, renewed from Pulumi.NAME.yaml on every command, because
 * Pulumi writes `encryptionsalt` into it: the checkout stays clean, and every clone has a passphrase of its own
 * (docs/decisions/0010-stack-configuration-copy.md).
 */

const SALT = /^encryptionsalt:.*$/m;

/** A scratch project: `pulumi stack init` there writes into the copy. */
export const configFolder = ({ state }: Places): string => join(state, "stack-config");

/** The copy of a stack's file. */
export const configCopy = (places: Places, stack: string): string => join(configFolder(places), `Pulumi.${stack}.yaml`);

export const renewed = (source: string, copy: string): string => {
  const salt = SALT.exec(copy)?.[0];
  return salt === undefined || SALT.test(source) ? source : `${source.trimEnd()}\n${salt}\n`;
};

export const stacksOf = (root: string): readonly string[] =>
  readdirSync(root).flatMap((name) => {
    const stack = /^Pulumi\.([\w-]+)\.yaml$/.exec(name)?.[1];
    return stack === undefined ? [] : [stack];
  });

const keptIn = (path: string): string => (existsSync(path) ? readFileSync(path, "utf8") : "");

/** Every command comes by here, and rarely is anything new: nothing then goes out to the disk. */
function writeOther(path: string, kept: string, text: string): void {
  if (text !== kept) writeWholeFile(path, text);
}

/** Path of the renewed copy. */
export function renewStackConfig(places: Places, stack: string): string {
  const source = join(places.root, `Pulumi.${stack}.yaml`);
  if (!existsSync(source)) {
    const known = stacksOf(places.root).join(", ") || "none";
    throw new ReplikubeError(
      `stack ${stack}: there is no Pulumi.${stack}.yaml; stacks with one: ${known}\nnext: write Pulumi.${stack}.yaml, or name another stack with --stack`,
    );
  }
  const folder = configFolder(places);
  const project = /^name:.*$/m.exec(readFileSync(join(places.root, "Pulumi.yaml"), "utf8"))?.[0] ?? "name: replikube";
  const scratch = join(folder, "Pulumi.yaml");
  writeOther(scratch, keptIn(scratch), `${project}\nruntime: nodejs\n`);
  const copy = configCopy(places, stack);
  const kept = keptIn(copy);
  writeOther(copy, kept, renewed(readFileSync(source, "utf8"), kept));
  return copy;
}

/** As the stack's file has it, without Pulumi. */
function configured({ root }: Places, stack: string, setting: string): unknown {
  const file = join(root, `Pulumi.${stack}.yaml`);
  const { config }: { readonly config?: Readonly<Record<string, unknown>> } = existsSync(file)
    ? (parse(readFileSync(file, "utf8")) ?? {})
    : {};
  return Object.entries(config ?? {}).find(([key]) => key.endsWith(`:${setting}`))?.[1];
}

/** Undefined also when it is empty. */
export function configuredText(places: Places, stack: string, setting: string): string | undefined {
  const value = configured(places, stack, setting);
  return typeof value === "string" && value !== "" ? value : undefined;
}

const factor = z.coerce.number().positive().catch(1);
const seconds = z.object({ virsh: z.number().optional() }).catch({});

/** For one call of virsh, by what the stack's configuration says; as for its looks at the host, only a factor that is configured counts. */
export function configuredVirshSeconds(places: Places, stack: string): number {
  return deadlineSeconds("virsh", {
    deadlinesFactor: factor.parse(configured(places, stack, "deadlinesFactor")),
    deadlines: seconds.parse(configured(places, stack, "deadlines")),
  });
}

/** Of the libvirt that the stack's configuration names, which alone says where a stack was when its state is empty. */
export function configuredUri(places: Places, stack: string): { readonly libvirtUri?: string } {
  const libvirtUri = configuredText(places, stack, "libvirtUri");
  return libvirtUri === undefined ? {} : { libvirtUri };
}
