import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { observe } from "../../drivers/nix-build";
import { diffNixBuild, UNKNOWN } from "../../plan/diffs";
import type { NixBuildOutputs } from "../../plan/image-resources";
import { imageFacts } from "../fixtures/experiment";

const image = mkdtempSync(join(tmpdir(), "nix-build-"));
afterAll(() => rmSync(image, { recursive: true, force: true }));

const outputs: NixBuildOutputs = {
  stack: "dev",
  flake: ".",
  attribute: "node-image-tiny",
  flavour: "tiny",
  drvPath: "/nix/store/a.drv",
  outPath: image,
  facts: imageFacts,
  observed: "ok",
};

it("sees that an image is gone from the store, and that is built again by the next up", () => {
  expect(observe("id", outputs)).toEqual({ id: "id", props: outputs });
  const { props } = observe("id", { ...outputs, outPath: join(image, "gone") });
  expect(props.observed).toBe("missing from the Nix store");
  expect(diffNixBuild({ ...props }, { ...outputs, outPath: props.outPath })).toMatchObject({
    changes: true,
    replaces: [],
  });
});

const diff = (more: object) => diffNixBuild({ ...outputs }, { ...outputs, ...more });

it("is built in place for another derivation or path, and for nothing else", () => {
  expect(diff({})).toMatchObject({ changes: false, replaces: [] });
  for (const key of ["drvPath", "outPath"])
    expect(diff({ [key]: "/nix/store/b" })).toMatchObject({ changes: true, replaces: [] });
  const same = { flake: "github:someone/lab", attribute: "other", facts: { ...imageFacts, nodeNameTemplate: "x" } };
  expect(diff(same)).toMatchObject({ changes: false });
  expect(diff({ drvPath: UNKNOWN })).toMatchObject({ changes: false });
});
