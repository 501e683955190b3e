/** What Nix says that it would have to do (`--dry-run`), in a few words; empty when that is nothing, or cannot be read. */
export function pendingWork(said: string): string {
  const builds = /^(?:these (\d+) derivations|this derivation) will be built:/m.exec(said);
  const fetches = /^(?:these (\d+) paths|this path) will be fetched \((.+?) download,/m.exec(said);
  return [
    ...(builds === null ? [] : [`${counted(builds[1], "derivation")} to build`]),
    ...(fetches === null ? [] : [`${counted(fetches[1], "path")} to fetch (${fetches[2]})`]),
  ].join(", ");
}

const counted = (number: string | undefined, what: string): string =>
  number === undefined ? `1 ${what}` : `${number} ${what}s`;
