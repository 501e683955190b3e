import { join } from "node:path";
import { buildImage } from "../drivers/nix";
import { localRunner } from "../drivers/local-runner";
import { buildHostTools } from "./host-kubectl";
import type { Places } from "./places";

/** What tests with guests boot, and talk to clusters with: built before any of them looks at a clock. */
export interface TestImage {
  readonly name: string;
  readonly build: () => Promise<unknown>;
}

export function testImages(places: Places, report: (line: string) => void): readonly TestImage[] {
  const checkout = places.root;
  const image = (flavour: "tiny" | "debian"): TestImage => {
    const attribute = `node-image-${flavour}`;
    const root = join(places.state, "test", attribute);
    const source = { flake: ".", attribute, flavour, checkout, root, store: { kind: "as named" } } as const;
    return { name: attribute, build: () => buildImage({ ...source, report }) };
  };
  const link = join(places.state, "host-tools");
  const tools = { name: "host-tools", build: () => buildHostTools({ checkout, runner: localRunner }, link) };
  return [image("tiny"), image("debian"), tools];
}
