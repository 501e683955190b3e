import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runAttached } from "../../drivers/attached-program";
import { shellLine } from "../../plan/shell";

const directory = mkdtempSync(join(tmpdir(), "attached-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Like Pulumi: the first interrupt is written down and the work goes on, the second ends it with code 3. */
const STUBBORN =
  'trap "printf INT >>$0; [ -e $0.once ] && exit 3; touch $0.once" INT; touch $0.ready; while :; do sleep 0.05; done';

/** The same, and two that come at once are two: a shell has one trap for them. */
const COUNTING = `
  const { appendFileSync, writeFileSync } = require("node:fs");
  const file = process.argv[1];
  let seen = 0;
  process.on("SIGINT", () => {
    appendFileSync(file, "INT");
    if (++seen === 4) process.exit(3);
  });
  setInterval(() => undefined, 1000);
  writeFileSync(file + ".ready", "");`;

interface Started {
  readonly seen: () => string;
  readonly exitCode: Promise<number>;
}

async function start(name: string, options: Parameters<typeof runAttached>[1]): Promise<Started> {
  const file = join(directory, name);
  const exitCode = runAttached(["sh", "-c", STUBBORN, file], options);
  while (!existsSync(`${file}.ready`)) await sleep(20);
  return { seen: () => (existsSync(file) ? readFileSync(file, "utf8") : ""), exitCode };
}

const interrupt = (): boolean => process.emit("SIGINT");

test("without a terminal an interrupt is passed on, and after the time given again", async () => {
  const { seen, exitCode } = await start("piped", { terminal: false, insistAfterSeconds: 0.5 });
  interrupt();
  await sleep(250);
  expect(seen()).toBe("INT");
  expect(await exitCode).toBe(3);
  expect(seen()).toBe("INTINT");
});

test("on a terminal the program has it already; only the insisting one is sent", async () => {
  const { seen, exitCode } = await start("terminal", { terminal: true, insistAfterSeconds: 0.2 });
  interrupt();
  await sleep(100);
  expect(seen()).toBe("");
  await sleep(300);
  expect(seen()).toBe("INT");
  interrupt(); // the person's second one, which their terminal sends to the program itself
  expect(seen()).toBe("INT");
  process.emit("SIGTERM");
  expect(await exitCode).toBe(128 + 15);
});

test("a terminal's Ctrl-C comes once, also when standard input is something else", async () => {
  const file = join(directory, "redirected");
  const built = join(__dirname, "../../bin/drivers/attached-program.js");
  const program = `require(process.argv[1]).runAttached(process.argv.slice(2)).then(process.exit)`;
  const line = shellLine([process.execPath, "-e", program, built, process.execPath, "-e", COUNTING, file]);
  // `exec`: a bash that stays kills itself by SIGINT when its program has ended before bash came to see the signal.
  const terminal = spawn("script", ["--quiet", "--return", "--command", `exec ${line} </dev/null`, "/dev/null"]);
  const closed = once(terminal, "close");
  terminal.stdout.resume();
  const seen = (): string => (existsSync(file) ? readFileSync(file, "utf8") : "");
  while (!existsSync(`${file}.ready`)) await sleep(20);
  for (const times of [1, 2, 3]) {
    terminal.stdin.write("\u0003");
    while (seen().length < "INT".length * times) await sleep(20);
    await sleep(100); // for a second one
    expect(seen()).toBe("INT".repeat(times));
  }
  terminal.stdin.write("\u0003");
  expect(await closed).toEqual([3, null]);
});

test.each(["SIGINT", "SIGTERM"] as const)("one that does not obey %s is killed", async (signal) => {
  const file = join(directory, `deaf-${signal}`);
  const exitCode = runAttached(["sh", "-c", 'trap "" INT TERM; touch $0; while [ -e $0 ]; do sleep 0.05; done', file], {
    terminal: false,
    insistAfterSeconds: 0.1,
  });
  while (!existsSync(file)) await sleep(20);
  process.emit(signal);
  expect(await exitCode).toBe(128 + 9);
});

test("nothing of this process is left listening", async () => {
  const before = process.listenerCount("SIGINT");
  expect(await runAttached(["sh", "-c", "exit 7"])).toBe(7);
  expect(process.listenerCount("SIGINT")).toBe(before);
});
