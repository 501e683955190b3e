import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/**
 * A checkout with stand-ins on PATH: a Pulumi that does what the script of a verb says, with the stack as `$stack`, and a libvirt that has
 * nothing. Its calls are `VERB STACK`, in the order in which they came.
 */
export interface FakePulumi {
  readonly root: string;
  readonly calls: () => readonly string[];
  /** Of this process again, as it was. */
  readonly restore: () => void;
}

export interface PulumiScripts {
  readonly stacks: readonly string[];
  /** By verb; others succeed and print nothing. */
  readonly verbs?: Readonly<Record<string, string>>;
  /** More resources in the state of every stack. */
  readonly resources?: readonly object[];
  /** In the place of virsh. */
  readonly virsh?: string;
}

/** `./lab test` gives a test what it gives Pulumi: the backend of this checkout too, which is not the stand-in's. */
const ITS_OWN = ["PULUMI_BACKEND_URL", "PULUMI_HOME", "REPLIKUBE_RUN", "REPLIKUBE_CHECKOUT"] as const;
const NAMES = ["PATH", "XDG_CACHE_HOME", "REPLIKUBE_CLAIMS", "LIBVIRT_DEFAULT_URI", ...ITS_OWN] as const;

export function fakePulumi(
  folder: string,
  { stacks, verbs = {}, resources = [], virsh = "exit 0" }: PulumiScripts,
): FakePulumi {
  const [root, bin, log] = [join(folder, "root"), join(folder, "bin"), join(folder, "calls")];
  mkdirSync(root, { recursive: true });
  mkdirSync(bin, { recursive: true });
  const put = (name: string, script: string): void => {
    writeFileSync(join(bin, name), `#!/bin/sh\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  writeFileSync(join(root, "Pulumi.yaml"), "name: replikube\nruntime: nodejs\n");
  for (const stack of stacks) writeFileSync(join(root, `Pulumi.${stack}.yaml`), "config:\n  replikube:ttl: 8h\n");
  writeFileSync(join(folder, "ls.json"), JSON.stringify(stacks.map((name) => ({ name }))));
  for (const stack of stacks) {
    const stackId = {
      urn: "id",
      type: "random:index/randomId:RandomId",
      outputs: { hex: `aa${stacks.indexOf(stack)}` },
    };
    writeFileSync(
      join(folder, `${stack}.json`),
      JSON.stringify({ deployment: { resources: [stackId, ...resources] } }),
    );
  }
  const cases = Object.entries(verbs).map(([verb, script]) => `${verb})\n${script}\n;;`);
  put("pulumi-language-nodejs", "exit 1");
  put(
    "pulumi",
    `case "$*" in
version) echo v99.0.0; exit ;;
"stack ls"*) cat ${folder}/ls.json; exit ;;
esac
stack=$(echo "$*" | sed -n 's/.*--stack \\([^ ]*\\).*/\\1/p')
verb=$1
[ "$verb" != stack ] || verb="stack-$2"
echo "$verb $stack" >>${log}
case $verb in
${cases.join("\n")}
esac
case $verb in
stack-export) cat ${folder}/$stack.json ;;
destroy) echo '{"deployment":{}}' >${folder}/$stack.json ;;
esac`,
  );
  put("virsh", virsh);
  put("ip", "echo '[]'");
  const before = NAMES.map((name) => [name, process.env[name]] as const);
  for (const name of ITS_OWN) delete process.env[name];
  process.env["PATH"] = `${bin}:${process.env["PATH"] ?? ""}`;
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
  process.env["REPLIKUBE_CLAIMS"] = join(folder, "claims");
  process.env["LIBVIRT_DEFAULT_URI"] = "test:///default";
  return {
    root,
    calls: () => (existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : []),
    restore: () => {
      for (const [name, value] of before) {
        if (value === undefined) delete process.env[name];
        else process.env[name] = value;
      }
    },
  };
}
