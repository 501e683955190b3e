import { spawn, type ChildProcess } from "node:child_process";
import { mkdirSync, rmSync, rmdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Clone } from "../fixtures/clone";

/** One of everything that may be left over on a host, put there by hand. */
export interface Planted {
  readonly plant: () => Promise<string>;
  readonly uproot: () => Promise<void>;
}

/** As `sightOf` has to see them. */
export const PLANTED_LINES = [
  "claim planted",
  "disk planted.qcow2",
  "domain planted",
  "folder of stack planted",
  "interface rkplanted",
  "libvirt's lib/qemu/nvram/planted.fd",
  "network planted",
  "pool planted",
  "process libvirtd 600",
  "process sleep 600",
  "record of stack planted",
] as const;

/** By libvirt's verb. */
const OBJECTS = {
  "net-create": "<network><name>planted</name><bridge name='rkplanted'/></network>",
  define: "<domain type='qemu'><name>planted</name><memory>1024</memory><os><type>hvm</type></os></domain>",
  "pool-define": "<pool type='dir'><name>planted</name><target><path>/planted</path></target></pool>",
} as const;

export function plantedOn(clone: Clone, disks: string): Planted {
  const inState = (name: string): string => join(clone.folder, ".state", name);
  const files = [join(disks, "planted.qcow2"), inState("host/lib/qemu/nvram/planted.fd"), inState("claims/planted")];
  // Too little for ./lab to take it for one.
  const record = inState("register/planted.json");
  const strays: ChildProcess[] = [];
  return {
    plant: async () => {
      for (const [verb, xml] of Object.entries(OBJECTS)) {
        writeFileSync(inState("planted.xml"), xml);
        await clone.virsh(verb, inState("planted.xml"));
      }
      mkdirSync(inState("stacks/planted"), { recursive: true });
      for (const file of files) writeFileSync(file, "");
      writeFileSync(record, JSON.stringify({ stack: "planted", checkout: clone.folder }));
      strays.push(spawn("sleep", ["600"], { cwd: clone.folder }));
      strays.push(spawn("sleep", ["600"], { cwd: clone.folder, argv0: "libvirtd" }));
      return "planted";
    },
    uproot: async () => {
      await clone.virsh("net-destroy", "planted");
      await clone.virsh("undefine", "planted");
      await clone.virsh("pool-undefine", "planted");
      rmdirSync(inState("stacks/planted"));
      for (const file of [...files, record]) rmSync(file);
      for (const stray of strays) stray.kill();
    },
  };
}
