import { readFileSync } from "node:fs";
import { writeWholeFile } from "./whole-file";

/** host.json: what stands in the embedded host's directory for everyone who wants to use it. */
export interface EmbeddedHost {
  readonly schema: 1;
  /** For libvirt's clients outside the namespace. */
  readonly uri: string;
  readonly namespace: string;
  readonly libvirtdPid: number;
  /** With the pid it means one process, also after a reboot. */
  readonly libvirtdStartTime: string;
  /** Whether guests may use KVM: /dev/kvm is there, and was proven. */
  readonly kvm: boolean;
  readonly startedAt: string;
}

const SHAPE: Readonly<Record<keyof EmbeddedHost, string>> = {
  schema: "number",
  uri: "string",
  namespace: "string",
  libvirtdPid: "number",
  libvirtdStartTime: "string",
  kvm: "boolean",
  startedAt: "string",
};

function isEmbeddedHost(value: unknown): value is EmbeddedHost {
  if (typeof value !== "object" || value === null) return false;
  const found = new Map<string, unknown>(Object.entries(value));
  return found.get("schema") === 1 && Object.entries(SHAPE).every(([key, type]) => typeof found.get(key) === type);
}

/** Undefined when there is none; something else in its place was not written by us and counts as none. */
export function readHostRecord(path: string): EmbeddedHost | undefined {
  try {
    const value: unknown = JSON.parse(readFileSync(path, "utf8"));
    return isEmbeddedHost(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

export function writeHostRecord(path: string, host: EmbeddedHost): void {
  writeWholeFile(path, `${JSON.stringify(host)}\n`);
}
