import { embeddedUri } from "../../facts/load-facts";
import { variable } from "../../plan/environment";
import type { Places } from "../places";
import { configuredUri } from "../stack-config";
import type { UsualLibvirt } from "../usual-libvirt";
import { hostPackages } from "./apt";
import { libvirt } from "./libvirt";
import type { Part } from "./part";
import { PARTS, WITHOUT_HOST } from "./run-setup";

/** Which parts of setup a stack needs: whoever names another libvirt than the embedded one has that, and its QEMU. */

export interface StackNeeds {
  readonly stack: string;
  /** Nothing is read from a hypervisor. */
  readonly plansOnly?: boolean;
  /** A libvirt that does not answer is what this work has to say. */
  readonly reads?: boolean;
}

/** Of work on whatever the checkout has, not on a stack of one's own naming. */
export const checkoutParts = (environment: NodeJS.ProcessEnv = process.env): readonly Part[] =>
  variable(environment, "LIBVIRT_DEFAULT_URI") === undefined ? PARTS : PARTS.filter((part) => part !== hostPackages);

export function stackParts(
  places: Places,
  { stack, plansOnly = false, reads = false }: StackNeeds,
  environment: NodeJS.ProcessEnv = process.env,
): readonly Part[] {
  if (plansOnly) return WITHOUT_HOST;
  const { libvirtUri } = configuredUri(places, stack);
  // Whether it answers is told where it is asked.
  if (libvirtUri !== undefined && libvirtUri !== embeddedUri(places.root)) return WITHOUT_HOST;
  if (libvirtUri !== undefined) return PARTS;
  const isNamed = variable(environment, "LIBVIRT_DEFAULT_URI") !== undefined;
  return checkoutParts(environment).filter((part) => !(isNamed && reads && part === libvirt));
}

/** Of work on what is left over: a libvirt that nothing was ever made on is not looked at. */
export const garbageParts = (
  { isThere }: UsualLibvirt,
  environment: NodeJS.ProcessEnv = process.env,
): readonly Part[] => (isThere ? checkoutParts(environment) : WITHOUT_HOST);
