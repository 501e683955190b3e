/** How long a guest's boot took, as the guest says. */
export interface BootSeconds {
  readonly kernelSeconds: number;
  readonly userspaceSeconds: number;
}

const secondsOf = (text: string): number =>
  [...text.matchAll(/([\d.]+)(h|min|ms|s)\b/g)].reduce(
    (sum, [, value, unit]) => sum + Number(value) * ({ h: 3600, min: 60, s: 1, ms: 0.001 }[unit ?? "s"] ?? 1),
    0,
  );

/** From `systemd-analyze time`; while the boot has not finished, or without systemd, all of the uptime counts as userspace. */
export function parseBootSeconds(analysed: string, uptime: string): BootSeconds {
  const match = /finished in (.*?) \(kernel\)(?: \+ .*? \(initrd\))? \+ (.*?) \(userspace\)/.exec(analysed);
  if (match === null) return { kernelSeconds: 0, userspaceSeconds: Number(uptime.split(" ")[0] ?? 0) };
  return { kernelSeconds: secondsOf(match[1] ?? ""), userspaceSeconds: secondsOf(match[2] ?? "") };
}
