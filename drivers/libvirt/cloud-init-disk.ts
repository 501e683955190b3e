import { tmpdir } from "node:os";
import { join } from "node:path";
import { cloudInitFiles, isoCommand, ISO_PROGRAM } from "../../plan/libvirt/cloud-init";
import { volumeInputs, type CloudInitDiskInputs } from "../../plan/libvirt/inputs";
import type { Mark } from "../../plan/mark";
import { CommandError, MissingProgram, ReplikubeError } from "../errors";
import { runLocally } from "../local-runner";
import { withPrivateDirectory, writePrivateFile } from "../private-file";
import type { Virsh } from "../virsh";
import { makeVolume } from "./volume-creation";
import type { VolumeState } from "./volumes";

/** cloud-init's disks: made on this machine, and uploaded as a volume like any other. */

const NEXT = `install it where Pulumi runs (Debian: apt-get install ${ISO_PROGRAM})`;

async function makeIso(image: string, files: readonly string[]): Promise<void> {
  const command = isoCommand(image, files);
  const result = await runLocally(command, { environment: { TZ: "UTC", LC_ALL: "C" } }).catch((error: unknown) => {
    if (!(error instanceof MissingProgram)) throw error;
    throw new ReplikubeError(
      `host: the program ${ISO_PROGRAM} makes the disk of userData, and it is not here\nnext: ${NEXT}`,
    );
  });
  if (result.exitCode === 0) return;
  const context = { machine: "host", step: "make cloud-init's disk", next: "is there room for temporary files?" };
  throw new CommandError(context, command.join(" "), result.exitCode, result.stderr || result.stdout);
}

export const makeCloudInitDisk = (
  virsh: Virsh,
  inputs: CloudInitDiskInputs,
  mark: Mark | undefined,
): Promise<VolumeState> =>
  // What is in it may be secret.
  withPrivateDirectory(tmpdir(), async (folder) => {
    const files = Object.entries(cloudInitFiles(inputs)).map(([name, text]) => {
      const file = join(folder, name);
      writePrivateFile(file, text);
      return file;
    });
    const source = join(folder, "image.iso");
    await makeIso(source, files);
    const { name, pool } = inputs;
    return makeVolume(virsh, volumeInputs.parse({ name, pool, source, format: "raw" }), mark);
  });
