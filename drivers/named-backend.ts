import { homedir, userInfo } from "node:os";
import { variable } from "../plan/environment";
import { absoluteBackend } from "../plan/stack-record";

/** As Pulumi finds it: the system's word on the user goes before HOME. */
function home(): string {
  try {
    return userInfo().homedir;
  } catch {
    return homedir(); // the system does not know this user
  }
}

/** The backend that the user names for a Pulumi that runs in `folder`, written out; undefined: none. */
export function namedBackend(folder: string, environment: NodeJS.ProcessEnv = process.env): string | undefined {
  const url = variable(environment, "PULUMI_BACKEND_URL");
  return url === undefined ? undefined : absoluteBackend(url, { folder, home: home() });
}
