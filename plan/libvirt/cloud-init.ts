import type { Argv } from "../step";
import type { CloudInitDiskInputs } from "./inputs";

/** A disk for cloud-init's data source NoCloud: an ISO image of two or three files with a label that it looks for. */

type Contents = Pick<CloudInitDiskInputs, "userData" | "metaData" | "networkConfig">;

/** By name. NoCloud takes a disk only with the first two, which may be empty. */
export const cloudInitFiles = ({ userData, metaData, networkConfig }: Contents): Readonly<Record<string, string>> => ({
  "user-data": userData ?? "",
  "meta-data": metaData ?? "",
  ...(networkConfig !== undefined && { "network-config": networkConfig }),
});

export const ISO_PROGRAM = "xorriso";

/** Every date in the image, so that the same content gives the same bytes; which one means nothing. */
const DATE = "1980010100000000";

/** `-no_rc` must come first: no start-up file of a user's says anything here. */
export const isoCommand = (image: string, files: readonly string[]): Argv => [
  ISO_PROGRAM,
  "-no_rc",
  "-as",
  "mkisofs",
  "-quiet",
  "-output",
  image,
  "-volid",
  "cidata",
  "-joliet",
  "-rational-rock",
  `--modification-date=${DATE}`,
  "--set_all_file_dates",
  DATE,
  ...files,
];
