import type { ImageFlavour, NixSettings } from "./experiment-config";
import type { ImageFacts } from "./image-facts";

/** Inputs and outputs of the resources before there is any machine, shared by resources/ and drivers/. */

export interface NixBuildInputs {
  readonly stack: string;
  /** Whose machines it is for; absent: the control plane's, and the workers' too unless they have one of their own. */
  readonly role?: "worker";
  readonly flake: string;
  readonly attribute: string;
  readonly flavour: ImageFlavour;
  /** As evaluated while the program loaded. */
  readonly drvPath: string;
  readonly outPath: string;
  /** What the built image.json must say. */
  readonly facts: ImageFacts;
  /** Absent when the stack has none. */
  readonly nixSettings?: NixSettings;
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
