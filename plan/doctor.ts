/** What `./lab doctor` says of one part. */
export interface Finding {
  readonly part: string;
  /** `will be taken`: setup can get it. `missing`: nothing that is known can. */
  readonly state: "there" | "will be taken" | "missing";
  readonly what: string;
  /** Why this one, or what to do. */
  readonly why: string;
}

export const isFit = (findings: readonly Finding[]): boolean => findings.every(({ state }) => state !== "missing");

export function findingsText(findings: readonly Finding[]): string {
  const width = (pick: (finding: Finding) => string): number =>
    Math.max(...findings.map((finding) => pick(finding).length));
  const [states, parts] = [width(({ state }) => state), width(({ part }) => part)];
  return findings
    .map(({ part, state, what, why }) => `${state.padEnd(states)}  ${part.padEnd(parts)}  ${what} (${why})`)
    .join("\n");
}
