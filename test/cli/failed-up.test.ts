import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { keepEvidenceOfUp } from "../../cli/failed-up";
import { placesOf } from "../../cli/places";
import { fakePulumi, type FakePulumi } from "../fakes/pulumi";

let folder: string;
let pulumi: FakePulumi;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "failed-up-"));
  pulumi = fakePulumi(folder, { stacks: ["blue"] });
});
afterEach(() => {
  pulumi.restore();
  rmSync(folder, { recursive: true });
});

const looks = async (): Promise<boolean> => {
  await keepEvidenceOfUp(placesOf(pulumi.root), "blue", Date.now(), () => undefined);
  return pulumi.calls().includes("stack-export blue");
};

it("looks at no machine after an up that has not written its state", async () => {
  expect(await looks()).toBe(false);
});

it("looks at the machines where only the backend could tell whether an up has written its state", async () => {
  process.env["PULUMI_BACKEND_URL"] = "s3://states";
  expect(await looks()).toBe(true);
});
