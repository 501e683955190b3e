import { join } from "node:path";
import { cacheFolder } from "../drivers/cache-folder";

/** Where ./lab keeps things: state of this checkout, and what checkouts of a user share. */
export interface Places {
  readonly root: string;
  readonly state: string;
  readonly cache: string;
}

export function placesOf(root: string, environment: NodeJS.ProcessEnv = process.env): Places {
  return { root, state: join(root, ".state"), cache: cacheFolder(environment) };
}

export const embeddedHostFolder = ({ state }: Places): string => join(state, "host");

/** Where the person stands: ./lab itself runs in the checkout. */
export const callerFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  environment["REPLIKUBE_CALLER"] ?? process.cwd();
