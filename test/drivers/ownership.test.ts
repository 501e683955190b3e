import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { requireOwn } from "../../drivers/libvirt/ownership";
import { recordStack } from "../../facts/stack-register";

/** What is said to somebody in whose way another's object is. */

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "ownership-"));
  process.env["XDG_CACHE_HOME"] = join(folder, "cache");
});
afterEach(() => {
  delete process.env["XDG_CACHE_HOME"];
  rmSync(folder, { recursive: true });
});

const mark = (stackId: string) => ({ stackId, project: "replikube", stack: "dev", resource: "0011" });

function refusal(found: ReturnType<typeof mark> | undefined): string {
  try {
    requireOwn("network replikube-dev", found, mark("bb22"));
  } catch (error) {
    return error instanceof Error ? error.message : "";
  }
  return "not refused";
}

it("names the checkout whose stack has the same name, and no command that would remove it here", () => {
  const checkout = join(folder, "first");
  recordStack({ ...mark("aa11"), checkout, libvirtUri: "qemu:///system" });
  expect(refusal(mark("aa11"))).toBe(
    `host: network replikube-dev exists already and is that of stack dev of project replikube in ${checkout}, id aa11; it was not touched\n` +
      "next: choose another name (another stack); only that checkout removes it, by ./lab destroy, or by ./lab gc when it has no state of it",
  );
});

it("says the id alone when nothing is known of the checkout", () => {
  expect(refusal(mark("aa11"))).toContain("is that of stack dev of project replikube, id aa11; it was not touched");
});
