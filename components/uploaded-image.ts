import * as libvirt from "@pulumi/libvirt";
import * as pulumi from "@pulumi/pulumi";
import type { ImageFacts } from "../plan/image-facts";
import { uploadedName } from "../plan/uploaded-image";
import type { NodeImage } from "./node-image";

/** A node image as a libvirt host on another machine has it: copied into volumes of the stack's pool, once for what is in it. */

/** Files are paths on the libvirt host. */
export interface HostImage {
  readonly facts: ImageFacts;
  readonly disk: pulumi.Input<string>;
  readonly kernel: pulumi.Input<string>;
  readonly initrd: pulumi.Input<string>;
}

export interface UploadedImageArgs {
  readonly image: NodeImage;
  /** As evaluated: it names what is in the image. */
  readonly outPath: string;
  readonly pool: libvirt.Pool;
  /** What names of the stack's objects begin with. */
  readonly prefix: string;
  readonly stackId: pulumi.Input<string>;
}

export class UploadedImage extends pulumi.ComponentResource implements HostImage {
  declare readonly facts: ImageFacts;
  declare readonly disk: pulumi.Output<string>;
  declare readonly kernel: pulumi.Output<string>;
  declare readonly initrd: pulumi.Output<string>;

  constructor(name: string, args: UploadedImageArgs, options?: pulumi.ComponentResourceOptions) {
    super("replikube:index:UploadedImage", name, {}, options);
    const { image, outPath, pool, prefix, stackId } = args;
    const upload = (part: "disk" | "kernel" | "initrd", format: "qcow2" | "raw"): pulumi.Output<string> =>
      new libvirt.Volume(
        `${name}-${part}`,
        {
          name: uploadedName(prefix, outPath, part),
          pool: pool.name,
          format,
          source: image[part],
          shared: true,
          stackId,
        },
        { parent: this },
      ).id;
    this.facts = image.facts;
    this.disk = upload("disk", "qcow2");
    this.kernel = upload("kernel", "raw");
    this.initrd = upload("initrd", "raw");
    this.registerOutputs({ disk: this.disk });
  }
}
