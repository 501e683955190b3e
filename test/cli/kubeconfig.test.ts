import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { placesOf } from "../../cli/places";
import { labProgram } from "../../cli/program";

const folder = mkdtempSync(join(tmpdir(), "kubeconfig-verb-"));
afterAll(() => {
  delete process.env["KUBECONFIG"];
  delete process.env["REPLIKUBE_CALLER"];
  rmSync(folder, { recursive: true });
});

test("a relative KUBECONFIG counts from where its user stands, not from the checkout", async () => {
  const [root, caller] = [join(folder, "root"), join(folder, "caller")];
  for (const each of [root, caller]) mkdirSync(each);
  writeFileSync(join(root, "Pulumi.yaml"), "name: replikube\n");
  const [name, mine] = ["replikube-dev", "mine"];
  const named = [name, mine].map((each) => ({ name: each }));
  const config = { kind: "Config", clusters: named, users: named, contexts: named, "current-context": mine };
  writeFileSync(join(caller, "own.yaml"), stringify(config));
  process.env["REPLIKUBE_CALLER"] = caller;
  process.env["KUBECONFIG"] = "own.yaml";
  await labProgram(placesOf(root)).parseAsync(["kubeconfig", "--remove"], { from: "user" });
  const text = readFileSync(join(caller, "own.yaml"), "utf8");
  expect(text).toContain(mine);
  expect(text).not.toContain(name);
});
