import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { stepScript, STEP_BEGINS, STEP_EXIT, STEP_WAITS } from "../../plan/step-script";
import type { Step } from "../../plan/step";

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), "step-"));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const at = (name: string): string => join(directory, name);
const scriptOf = (step: Partial<Step>): string =>
  stepScript(
    {
      id: "a-step",
      title: "a step",
      machine: "m",
      files: [],
      command: ["true"],
      deadline: "command",
      deadlineSeconds: 20,
      ...step,
    },
    { lock: at("lock"), logs: at("logs") },
  );
const run = (step: Partial<Step>) => spawnSync("sh", { input: scriptOf(step), encoding: "utf8" });

const exitCodes = async (steps: readonly Partial<Step>[]): Promise<readonly unknown[]> => {
  const ended = steps.map((step) => {
    const child = spawn("sh", { stdio: ["pipe", "ignore", "ignore"] });
    child.stdin.end(scriptOf(step));
    return once(child, "exit");
  });
  return (await Promise.all(ended)).map(([code]: unknown[]) => code);
};

describe("a step's script", () => {
  it("acts and proves, and has nothing to do the second time", () => {
    const step = { command: ["touch", at("done")], doneWhen: ["test", "-e", at("done")] } as const;
    const first = run(step);
    expect(first).toMatchObject({ status: 0, stdout: "" });
    expect(first.stderr).toContain(STEP_BEGINS);
    const second = run(step);
    expect(second.status).toBe(STEP_EXIT.nothingToDo);
    expect(second.stderr).not.toContain(STEP_BEGINS);
  });

  it("gives the program's exit code and last lines, and keeps its log", () => {
    const failed = run({ command: ["sh", "-c", "echo out; echo why >&2; exit 7"] });
    expect(failed.status).toBe(7);
    expect(failed.stderr).toContain("why");
    expect(readFileSync(at("logs/a-step.log"), "utf8")).toBe("out\nwhy\n");
  });

  it("says that another step has the machine, and takes its turn", async () => {
    const holding = `touch ${at("held")}; while [ ! -e ${at("go")} ]; do sleep 0.02; done`;
    spawn("flock", [at("lock"), "sh", "-c", holding]);
    while (!existsSync(at("held"))) await sleep(20);
    const waiting = spawn("sh", { stdio: ["pipe", "ignore", "pipe"] });
    const ended = once(waiting, "exit");
    waiting.stdin.end(scriptOf({}));
    expect(String(await once(waiting.stderr, "data"))).toBe(`${STEP_WAITS}\n`);
    writeFileSync(at("go"), "");
    expect(await ended).toEqual([0, null]);
    expect(run({}).stderr).not.toContain(STEP_WAITS);
  });

  it("does not believe a program that has no effect", () => {
    expect(run({ doneWhen: ["test", "-e", at("never")] }).status).toBe(STEP_EXIT.notProven);
  });

  it("ends a program at its deadline", () => {
    expect(run({ command: ["sleep", "30"], deadlineSeconds: 1 }).status).toBe(124);
  });

  it("writes files byte by byte with their modes, and removes those that must not stay, on failure too", () => {
    const content = "it's $HOME `x` \\ ä\nEND_OF_TEXT\nno newline";
    const files = [
      { path: at("sub/stays"), mode: 0o640, content, removeAfter: false },
      { path: at("goes"), mode: 0o600, content, removeAfter: true },
    ];
    const seen = run({ files, command: ["sh", "-c", `stat -c %a ${at("goes")}; cat ${at("goes")}; exit 3`] });
    expect(seen.status).toBe(3);
    expect(readFileSync(at("logs/a-step.log"), "utf8")).toBe(`600\n${content}`);
    expect(existsSync(at("goes"))).toBe(false);
    expect(readFileSync(at("sub/stays"), "utf8")).toBe(content);
    expect(statSync(at("sub/stays")).mode & 0o777).toBe(0o640);
  });

  it("gives the program its standard input, and else an empty one", () => {
    run({ command: ["cat"], stdin: "a secret\n" });
    expect(readFileSync(at("logs/a-step.log"), "utf8")).toBe("a secret\n");
    expect(run({ command: ["cat"] }).status).toBe(0);
  });

  it("does nothing when only part of it arrives", () => {
    const script = scriptOf({ command: ["touch", at("done")] });
    for (const share of [0.3, 0.6, 0.9]) {
      spawnSync("sh", { input: script.slice(0, script.length * share), encoding: "utf8" });
    }
    expect(existsSync(at("done"))).toBe(false);
  });

  it.each([{}, { ofApi: true }] as const)("waits for a twin, and then has nothing to do (%j)", async (kind) => {
    const command = ["sh", "-c", `sleep 0.6; echo x >> ${at("count")}; touch ${at("done")}`] as const;
    const twin = { ...kind, command, doneWhen: ["test", "-e", at("done")] } as const;
    const codes = await exitCodes([twin, twin]);
    expect(codes.toSorted((a, b) => Number(a) - Number(b))).toEqual([0, STEP_EXIT.nothingToDo]);
    expect(readFileSync(at("count"), "utf8")).toBe("x\n");
  });

  it.each([
    { kind: { ofApi: true }, together: true },
    { kind: {}, together: false },
  ] as const)("for a node through the API waits for no other node's, any other does: $together", async (given) => {
    // Each ends when it sees that the other has begun: one that has to wait for it never does.
    const meeting = (own: string, other: string): Partial<Step> => ({
      ...given.kind,
      id: own,
      command: ["sh", "-c", `touch ${at(own)}; until [ -e ${at(other)} ]; do sleep 0.05; done`],
      deadlineSeconds: given.together ? 20 : 1,
    });
    const codes = await exitCodes([meeting("drain-a", "drain-b"), meeting("drain-b", "drain-a")]);
    // Whoever came second finds that the first has begun once.
    expect(codes.toSorted((a, b) => Number(a) - Number(b))).toEqual(given.together ? [0, 0] : [0, 124]);
  });

  it("goes on to its end when whoever started it is gone, and still removes its secret", async () => {
    const path = at("secret");
    const files = [{ path, mode: 0o600, content: "s", removeAfter: true }];
    const command = ["sh", "-c", `for i in 1 2 3 4 5; do echo line; sleep 0.1; done; touch ${at("done")}`] as const;
    writeFileSync(at("script"), scriptOf({ command, files }));
    // Nobody reads its output any more: a program that printed to it would be killed by that.
    execFileSync("sh", ["-c", `sh ${at("script")} 2>&1 | head -n 0 > /dev/null & sleep 0.2`]);
    while (!existsSync(at("done")) || existsSync(path)) await sleep(20);
    expect(readFileSync(at("logs/a-step.log"), "utf8").split("\n").length).toBe(6);
  });
});
