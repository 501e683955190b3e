import { join } from "node:path";
import { buildImage } from "../drivers/nix";
import type { CommandRunner } from "../drivers/runner";
import { buildHostTools } from "./host-kubectl";
import type { Places } from "./places";

/** What tests with guests boot, and talk to clusters with: built before any of them looks at a clock. */
export interface TestImage {
  readonly name: string;
  /** The first of jest's projects that needs it. */
  readonly neededBy: "engine" | "e2e";
  readonly build: () => Promise<unknown>;
}

/** In the order in which they are needed. */
export function testImages(
  places: Places,
  report: (line: string) => void,
  runner: CommandRunner,
): readonly TestImage[] {
  const checkout = places.root;
  const image = (flavour: "tiny" | "debian", neededBy: TestImage["neededBy"]): TestImage => {
    const attribute = `node-image-${flavour}`;
    const root = join(places.state, "test", attribute);
    const source = { flake: ".", attribute, flavour, checkout, root, store: { kind: "as named" } } as const;
    return { name: attribute, neededBy, build: () => buildImage({ ...source, report }, runner) };
  };
  const link = join(places.state, "host-tools");
  const tools: TestImage = {
    name: "host-tools",
    neededBy: "engine",
    build: () => buildHostTools({ checkout, runner }, link),
  };
  return [image("tiny", "engine"), tools, image("debian", "e2e")];
}
