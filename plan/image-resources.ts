import type { ImageFlavour } from "./experiment-config";
import type { ImageFacts } from "./image-facts";

/** Inputs and outputs of the resources before there is any machine, shared by resources/ and drivers/. */

export interface NixBuildInputs {
  readonly stack: string;
  readonly flake: string;
  readonly attribute: string;
  readonly flavour: ImageFlavour;
  /** As evaluated while the program loaded. */
  readonly drvPath: string;
  readonly outPath: string;
  /** What the built image.json must say. */
  readonly facts: ImageFacts;
}

export interface NixBuildOutputs extends NixBuildInputs {
  /** What the last refresh saw; anything but `ok` is built again by the next up. */
  readonly observed: string;
}

export interface StackKeyInputs {
  /** Of the public key. */
  readonly comment: string;
}

export interface StackKeyOutputs extends StackKeyInputs {
  /** `ssh-ed25519 AAAA… comment` */
  readonly publicKey: string;
  /** Secret. OpenSSH format. */
  readonly privateKey: string;
}
