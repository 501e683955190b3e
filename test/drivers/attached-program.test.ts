import { existsSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { runAttached } from "../../drivers/attached-program";

const directory = mkdtempSync(join(tmpdir(), "attached-"));
afterAll(() => rmSync(directory, { recursive: true }));

/** Like Pulumi: the first interrupt is written down and the work goes on, the second ends it with code 3. */
const STUBBORN =
  'trap "printf INT >>$0; [ -e $0.once ] && exit 3; touch $0.once" INT; touch $0.ready; while :; do sleep 0.05; done';

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
