/** What `./lab gc` has found and done, for a person; for a script it is the report itself. */

export interface Finding {
  /** Each as a person would name it: `domain replikube-dev-worker-0`. */
  readonly what: readonly string[];
  readonly why: string;
}

export interface GarbageReport {
  /** Nothing was changed. */
  readonly dryRun: boolean;
  readonly libvirtUri: string;
  /** With `dryRun`: what would be removed. */
  readonly removed: readonly Finding[];
  readonly left: readonly Finding[];
  /** What should have been removed and could not be. */
  readonly failed: readonly Finding[];
}

const paragraph = (title: string, findings: readonly Finding[]): readonly string[] =>
  findings.flatMap(({ what, why }) => [`${title}: ${why}`, ...what.map((each) => `  ${each}`)]);

const count = (findings: readonly Finding[]): number => findings.flatMap(({ what }) => what).length;

export function garbageText({ dryRun, libvirtUri, removed, left, failed }: GarbageReport): string {
  const verb = dryRun ? "would be removed" : "removed";
  const failures = failed.length === 0 ? "" : `, ${count(failed)} NOT removed`;
  const nothing = removed.length + left.length + failed.length === 0;
  return [
    ...paragraph(verb, removed),
    ...paragraph("left alone", left),
    ...paragraph("NOT REMOVED", failed),
    nothing
      ? `nothing is left over on ${libvirtUri} or in this checkout`
      : `${count(removed)} ${verb}, ${count(left)} left alone${failures}`,
    "",
  ].join("\n");
}
