import { homedir } from "node:os";
import { join } from "node:path";
import { variable } from "../plan/environment";

/** What all checkouts of a user share. */
export const cacheFolder = (environment: NodeJS.ProcessEnv = process.env): string =>
  join(variable(environment, "XDG_CACHE_HOME") ?? join(homedir(), ".cache"), "replikube");
