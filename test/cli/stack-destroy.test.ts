import { existsSync, mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { placesOf } from "../../cli/places";
import { destroyStack } from "../../cli/stack-destroy";
import { stackDirectory } from "../../plan/plan-topology";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "destroy-"))));
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

/** What was said, and whether the stack's folder is still there. */
async function destroyed(args: readonly string[], verbs: Readonly<Record<string, string>>) {
  pulumi = fakePulumi(folder, { stacks: ["blue"], verbs });
  mkdirSync(stackDirectory(pulumi.root, "blue"), { recursive: true });
  const said: string[] = [];
  const exitCode = await destroyStack(placesOf(pulumi.root), { stack: "blue", args }, (line) => said.push(line));
  return { exitCode, said: said.join("\n"), isThere: existsSync(stackDirectory(pulumi.root, "blue")) };
}

test("a part of a stack that goes takes nothing else with it, however it was named", async () => {
  const onlyOne = { destroy: "exit 0 # and the state keeps what was not named" };
  const { exitCode, said, isThere } = await destroyed(["-yt", "urn:pulumi:blue::replikube::x::worker-0"], onlyOne);
  expect({ exitCode, isThere }).toEqual({ exitCode: 0, isThere: true });
  expect(said).toBe("stack blue: 1 of its resources stay, as they are in its state");
});

test("a whole stack is proven to be gone, and one that Pulumi has removed altogether", async () => {
  expect(await destroyed([], {})).toMatchObject({ isThere: false, said: expect.stringContaining("nothing is left") });
  const isGone = "[ ! -e $0.gone ] || { echo \"error: no stack named 'blue' found\" >&2; exit 255; }";
  const removed = { destroy: "touch $0.gone; exit 0", "stack-export": isGone };
  expect(await destroyed(["--remove"], removed)).toMatchObject({ isThere: false });
});

test("a state that cannot be read after it is an error, and nothing is taken for gone", async () => {
  const verbs = {
    destroy: "touch $0.gone; exit 0",
    "stack-export": "[ ! -e $0.gone ] || { echo 'disk broke' >&2; exit 1; }",
  };
  await expect(destroyed([], verbs)).rejects.toThrow("disk broke");
  expect(existsSync(stackDirectory(pulumi.root, "blue"))).toBe(true);
});
