import { readFileSync } from "node:fs";
import { startBuilds, yieldingRunner } from "../../cli/builds-beside-tests";
import { NOTHING } from "../../cli/test-count";
import type { TestImage } from "../../cli/test-images";
import { localRunner } from "../../drivers/local-runner";

const yielding = (signal = new AbortController().signal) => yieldingRunner(localRunner, signal);

test("builds give way: lowest priority, in a session of their own that gives way too", async () => {
  const script = 'nice; cat /proc/self/autogroup 2>/dev/null; cut -d" " -f6 /proc/$$/stat; echo $$; echo "$1"';
  const { stdout } = await yielding().run(["sh", "-c", script, "sh", "a b"]);
  const [niceness, ...rest] = stdout.trim().split("\n");
  const [argument, pid, session, autogroup] = rest.toReversed();
  expect({ niceness, argument, session }).toEqual({ niceness: "19", argument: "a b", session: pid });
  expect(autogroup ?? "nice 19").toMatch(/nice 19$/); // a kernel without it has no such file
});

test("they answer as without it, and end when nobody wants them any more", async () => {
  expect(await yielding().run(["sh", "-c", "echo said; exit 3"])).toMatchObject({ exitCode: 3, stdout: "said\n" });
  const stop = new AbortController();
  let pid = 0;
  const build = yielding(stop.signal).run(["sh", "-c", "echo $$; exec sleep 60"], {
    onOutput: (text) => {
      pid = Number(text);
      stop.abort();
    },
  });
  await build;
  expect(() => readFileSync(`/proc/${pid}/stat`)).toThrow("ENOENT");
});

describe("builds", () => {
  let order: string[];
  beforeEach(() => (order = []));
  const image = (name: string): TestImage => ({
    name,
    neededBy: "engine",
    build: async () => {
      order.push(`${name} begins`);
      await new Promise((resolve) => setTimeout(resolve, 5));
      order.push(`${name} ends`);
    },
  });
  const images = [image("tiny"), image("debian")];

  it("come one after the other, and each is counted by its name, also when one before it failed", async () => {
    const builds = startBuilds(images, new AbortController().signal, async ({ name, build }) => {
      await build();
      return name === "tiny" ? { ...NOTHING, failed: 1 } : { ...NOTHING, passed: 1 };
    });
    expect(await builds.get("debian")).toEqual({ ...NOTHING, passed: 1 });
    expect(await builds.get("tiny")).toEqual({ ...NOTHING, failed: 1 });
    expect(order).toEqual(["tiny begins", "tiny ends", "debian begins", "debian ends"]);
  });

  it("do not begin any more once they are not wanted", async () => {
    const stop = new AbortController();
    const builds = startBuilds(images, stop.signal, async ({ build }) => {
      stop.abort();
      await build();
      return { ...NOTHING, passed: 1 };
    });
    expect(await builds.get("debian")).toEqual(NOTHING);
    expect(order).toEqual(["tiny begins", "tiny ends"]);
  });
});
