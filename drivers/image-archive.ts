import { createReadStream, statSync } from "node:fs";
import { Readable } from "node:stream";
import { imageNames } from "../plan/image-archive";
import { ReplikubeError } from "./errors";
import { localRunner } from "./local-runner";
import type { CommandRunner } from "./runner";

const CHUNK_BYTES = 256 * 1024;

/** A file with container images, as `docker save`, `podman save`, `skopeo copy` or Nix write it. */
export interface ImageArchive {
  readonly path: string;
  readonly bytes: number;
  /** Full names, as containerd will know them. */
  readonly images: readonly string[];
}

/** Reads only the indexes; tar finds the compression by itself. */
export async function openImageArchive(path: string, runner: CommandRunner = localRunner): Promise<ImageArchive> {
  const stat = statSync(path, { throwIfNoEntry: false });
  if (stat === undefined || !stat.isFile()) throw new ReplikubeError(`${path}: no such file`);
  const listing = await runner.run(["tar", "-tf", path]);
  if (listing.exitCode !== 0) {
    throw new ReplikubeError(`${path} is no tar archive that can be read: ${listing.stderr.trim()}`);
  }
  const members = listing.stdout.split("\n");
  const read = async (name: string): Promise<string | undefined> => {
    const member = members.find((each) => each === name || each === `./${name}`);
    if (member === undefined) return undefined;
    const result = await runner.run(["tar", "-xOf", path, member]);
    if (result.exitCode !== 0) throw new ReplikubeError(`${path}: ${member} cannot be read: ${result.stderr.trim()}`);
    return result.stdout;
  };
  const [manifestJson, indexJson] = [await read("manifest.json"), await read("index.json")];
  if (manifestJson === undefined && indexJson === undefined) {
    throw new ReplikubeError(
      `${path} is no archive of container images: neither manifest.json nor index.json is in it; make one with \`docker save NAME:TAG -o FILE\``,
    );
  }
  const images = imageNames({
    ...(manifestJson === undefined ? {} : { manifestJson }),
    ...(indexJson === undefined ? {} : { indexJson }),
  });
  if (images.length === 0) {
    throw new ReplikubeError(
      `${path}: no image in it has a full name, so no pod could ask for it; save it by name: \`docker save NAME:TAG -o FILE\``,
    );
  }
  return { path, bytes: stat.size, images };
}

async function* counted(archive: ImageArchive, onBytes: (taken: number) => void): AsyncGenerator<Buffer> {
  let taken = 0;
  for await (const chunk of createReadStream(archive.path, { highWaterMark: CHUNK_BYTES })) {
    const bytes = Buffer.from(chunk);
    taken += bytes.length;
    onBytes(taken);
    yield bytes;
  }
}

/** The archive's bytes; `onBytes` hears how many have been taken. */
export const readImageArchive = (archive: ImageArchive, onBytes: (taken: number) => void): Readable =>
  Readable.from(counted(archive, onBytes), { objectMode: false });
