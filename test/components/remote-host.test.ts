import { makeExperiment, type Made } from "../fixtures/made-experiment";
import { experimentConfig, oneImage } from "../fixtures/experiment";

/** A stack on another host: what of it differs from one on this machine. */

let made: readonly Made[] = [];
let only: (type: string, name?: string) => Made;

beforeAll(async () => {
  const hash = "0c4d1lcd1ndvn9lk5hkyrl5cl3lsfk0l";
  const { "control-plane": image, worker } = oneImage();
  const outPath = `/nix/store/${hash}-node-image-tiny`;
  const images = { "control-plane": { ...image, outPath }, worker: { ...worker, outPath } };
  ({ made, only } = await makeExperiment(experimentConfig, images, "qemu+ssh://host/system"));
});

test("the image is copied once, into volumes whose names say what is in them, and from which other stacks may copy", () => {
  const copied = made.filter(({ inputs }) => inputs["source"] !== undefined);
  expect(copied.map(({ name, inputs }) => [name, inputs["name"], inputs["format"], inputs["shared"]])).toEqual([
    ["host-image-disk", "replikube-dev-image-0c4d1lcd1ndvn9lk5hkyrl5cl3lsfk0l-disk", "qcow2", true],
    ["host-image-kernel", "replikube-dev-image-0c4d1lcd1ndvn9lk5hkyrl5cl3lsfk0l-kernel", "raw", true],
    ["host-image-initrd", "replikube-dev-image-0c4d1lcd1ndvn9lk5hkyrl5cl3lsfk0l-initrd", "raw", true],
  ]);
});

test("machines use those volumes, and their consoles lie in the stack's pool", () => {
  expect(only("libvirt:index/pool:Pool").inputs["path"]).toBe("/var/lib/libvirt/replikube/replikube-dev");
  for (const name of ["control-plane-0", "worker-0", "worker-1"]) {
    expect(only("libvirt:index/volume:Volume", name).inputs["baseFile"]).toBe("host-image-disk-id");
    expect(only("libvirt:index/domain:Domain", name).inputs).toMatchObject({
      kernel: "host-image-kernel-id",
      initrd: "host-image-initrd-id",
      consoles: [{ sourcePath: `/var/lib/libvirt/replikube/replikube-dev/dev-${name}.console.log` }],
    });
  }
});
