import { existsSync, readFileSync, readdirSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";

/** What a checkout has written down of its stacks outside their folders: who made which id, and who has which addresses. Nothing of ./lab is asked. */

/** Its own copies hold that checkout's alone; the others hold everybody's. */
function placesOf(folder: string): Readonly<Record<string, readonly string[]>> {
  const { XDG_CACHE_HOME, REPLIKUBE_CLAIMS } = process.env;
  const cache = join(XDG_CACHE_HOME || join(homedir(), ".cache"), "replikube");
  return {
    record: [join(folder, ".state/register"), join(cache, "stacks")],
    "shared claim": [REPLIKUBE_CLAIMS || "/var/tmp/replikube-claims"],
  };
}

interface Written {
  readonly stack?: string;
  readonly checkout?: string;
}

/** Others write there and remove theirs meanwhile. */
function readWritten(path: string): Written {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return {};
  }
}

const filesIn = (place: string): readonly string[] =>
  existsSync(place) ? readdirSync(place).map((name) => join(place, name)) : [];

/** A line for each file: ids and blocks differ from one `up` to the next. */
export function writtenDownBy(folder: string): readonly string[] {
  return Object.entries(placesOf(folder)).flatMap(([kind, places]) =>
    places
      .flatMap(filesIn)
      .map(readWritten)
      .filter(({ checkout }) => checkout === folder)
      .map(({ stack }) => `${kind} of stack ${stack}`),
  );
}
