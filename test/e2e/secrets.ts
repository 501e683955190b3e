import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

/** Looks for secrets in every form they could have leaked in, in every file that a command left behind. */

const jsonEscaped = (text: string): string => JSON.stringify(text).slice(1, -1);

/** The longest line of a key: its first and last lines are the same for all keys. */
const tellingLine = (secret: string): string =>
  secret
    .split("\n")
    .filter((line) => !line.startsWith("-----"))
    .reduce((longest, line) => (line.length > longest.length ? line : longest), "");

const formsOf = (secret: string): readonly string[] => {
  const line = tellingLine(secret);
  return [line, jsonEscaped(secret), Buffer.from(secret).toString("base64"), Buffer.from(line).toString("base64")];
};

function filesBelow(folder: string): readonly string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

/** Disks are the machines' own; what lies there is theirs to know. */
const isDisk = (path: string): boolean => path.endsWith(".qcow2") || path.includes("/dev/");

export const filesWith = (folder: string, secrets: readonly string[]): readonly string[] => {
  const forms = secrets.flatMap(formsOf).filter((form) => form.length >= 16);
  return filesBelow(folder)
    .filter((path) => !isDisk(path))
    .filter((path) => {
      const content = readFileSync(path, "latin1");
      return forms.some((form) => content.includes(form));
    });
};
