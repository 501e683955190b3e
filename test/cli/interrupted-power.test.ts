import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { markText } from "../../plan/mark";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "interrupted-"))));
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

const BUILT = join(__dirname, "../../bin/cli");
/** What main.ts does, in a checkout of the test's own. */
const PROGRAM = `const [, root, ...args] = process.argv;
  const { labProgram } = require("${BUILT}/program.js");
  const { placesOf } = require("${BUILT}/places.js");
  labProgram(placesOf(root)).parseAsync(args, { from: "user" }).catch(require("${BUILT}/failed-command.js").endFailed);`;

const machine = (name: string, memory: number) => ({
  urn: name,
  type: "libvirt:index/domain:Domain",
  outputs: { name, instance: "i", memory },
});
const provider = { urn: "p", type: "pulumi:providers:libvirt", inputs: { uri: "test:///default" } };

const MARK = markText({ stackId: "aa0", project: "replikube", stack: "blue", resource: "" });

/** One guest hears nothing of a shutdown; the other is off. */
const virsh = () => `shift 3
case "$*" in
dominfo*) echo "State: running" ;;
dumpxml*) echo '<domain><metadata><replikube:domain xmlns:replikube="urn:replikube:domain:1" instance="i" mark="${MARK}"/></metadata></domain>' ;;
"domstate blue-0") echo "running" ;;
"domstate blue-1") echo "shut off" ;;
"shutdown blue-0 "*) touch ${folder}/begun ;;
esac`;

/** What a command says, and its exit code, that is sent the signal once something has made the file `begun`. */
async function interrupted(signal: NodeJS.Signals, ...args: readonly string[]) {
  const child = spawn(process.execPath, ["-e", PROGRAM, pulumi.root, ...args], {
    stdio: ["ignore", "inherit", "pipe"],
    env: { ...process.env }, // Jest's copy
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => (said += text));
  const ended = once(child, "exit");
  while (!existsSync(join(folder, "begun")) && child.exitCode === null) await sleep(20);
  child.kill(signal);
  const began = performance.now();
  const [exitCode] = await ended;
  return { exitCode, said, seconds: (performance.now() - began) / 1000 };
}

test.each(["SIGINT", "SIGTERM"] as const)("a stop that is sent %s says which machines run", async (signal) => {
  const resources = [machine("blue-0", 2), machine("blue-1", 1), provider];
  pulumi = fakePulumi(folder, { stacks: ["blue"], resources, virsh: virsh() });
  const { exitCode, said, seconds } = await interrupted(signal, "stop", "--stack", "blue", "--deadline", "60");
  expect(said).toContain(
    "stack blue: ./lab stop was interrupted: blue-0 runs, blue-1 is shut off\nnext: ./lab stop --stack blue goes on from there, ./lab start --stack blue brings back what is off\n",
  );
  expect(exitCode).toBe(130);
  expect(seconds).toBeLessThan(9);
});

test("one that had touched nothing says so", async () => {
  const reading = { "stack-export": `touch ${folder}/begun; exec sleep 10` };
  pulumi = fakePulumi(folder, { stacks: ["blue"], verbs: reading });
  const { exitCode, said } = await interrupted("SIGINT", "stop", "--stack", "blue");
  expect(said).toContain("stack blue: ./lab stop was interrupted: it had touched nothing\nnext: ./lab stop");
  expect(exitCode).toBe(130);
});
