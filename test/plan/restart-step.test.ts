import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { reportedStep } from "../../plan/restart-step";

/** The step's own shell line, run by a real sh with a kubectl that answers as its script says. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "restart-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const nodes = [
  { nodeName: "cp", bootId: "boot-2" },
  { nodeName: "w", bootId: "boot-7" },
];
const step = reportedStep("cp", nodes, { deadlinesFactor: 5 });

function run(script: string, seconds = 20) {
  writeFileSync(join(folder, "kubectl"), `#!/bin/sh\nnode=$5\n${script}\n`, { mode: 0o755 });
  writeFileSync(join(folder, "sleep"), "#!/bin/sh\n/bin/sleep 0.05\n", { mode: 0o755 });
  const [program, ...args] = step.command;
  const env = { PATH: `${folder}:/usr/bin:/bin` };
  return spawnSync(program, args, { env, timeout: seconds * 1000, encoding: "utf8" });
}

it("asks the control plane, for as long as emulation may take", () => {
  expect(step).toMatchObject({ id: "ready-reported", machine: "cp", deadlineSeconds: 1200 });
});

it("is done when every kubelet has told the id of this boot", () => {
  const { status, stdout } = run('[ "$node" = cp ] && echo boot-2 || echo boot-7');
  expect([status, stdout]).toEqual([0, "cp has reported\nw has reported\n"]);
});

it("waits for an API server that does not answer, and for a kubelet of which only the last boot is known", () => {
  const script = `echo x >> ${folder}/calls
calls=$(wc -l < ${folder}/calls)
[ $calls -gt 2 ] || { echo "connection refused" >&2; exit 1; }
[ "$node" = cp ] && echo boot-2 && exit
[ $calls -gt 5 ] && echo boot-7 || echo boot-6`;
  expect(run(script).status).toBe(0);
});

it("is not content with the last boot's word", () => {
  expect(run("echo boot-2", 1).error).toMatchObject({ code: "ETIMEDOUT" });
});
