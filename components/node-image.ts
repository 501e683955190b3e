import * as pulumi from "@pulumi/pulumi";
import type { NixSettings } from "../plan/experiment-config";
import type { ImageFacts } from "../plan/image-facts";
import { NixBuild } from "../resources/nix-build";

/** A node image, built: the directory of the image contract, in the Nix store. */

export interface NodeImageArgs {
  readonly stack: string;
  /** Absent: the control plane's. */
  readonly role?: "worker";
  readonly flake: string;
  readonly attribute: string;
  readonly nixSettings: NixSettings;
  readonly facts: ImageFacts;
  /** As evaluated while the program loaded, so that previews show a changed image. */
  readonly drvPath: string;
  readonly outPath: string;
}

export class NodeImage extends pulumi.ComponentResource {
  declare readonly path: pulumi.Output<string>;
  /** Files in it. */
  declare readonly disk: pulumi.Output<string>;
  declare readonly kernel: pulumi.Output<string>;
  declare readonly initrd: pulumi.Output<string>;
  declare readonly facts: ImageFacts;
  declare readonly build: NixBuild;

  constructor(name: string, args: NodeImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:NodeImage", name, {}, options);
    const { stack, role, flake, attribute, nixSettings, facts, drvPath, outPath } = args;
    this.facts = facts;
    this.build = new NixBuild(
      name,
      {
        stack,
        flake,
        attribute,
        flavour: facts.flavour,
        drvPath,
        outPath,
        facts,
        // What a stack does not use is no input of its image, and no change of it.
        ...(role && { role }),
        ...(Object.keys(nixSettings).length > 0 && { nixSettings }),
      },
      { parent: this },
    );
    this.path = this.build.outPath;
    const file = (fileName: string): pulumi.Output<string> => pulumi.interpolate`${this.path}/${fileName}`;
    this.disk = file(facts.boot.disk);
    this.kernel = file(facts.boot.kernel);
    this.initrd = file(facts.boot.initrd);
    this.registerOutputs({ path: this.path });
  }
}
