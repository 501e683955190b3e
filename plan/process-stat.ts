/** What the kernel tells of a process: the text of /proc/PID/stat, as proc_pid_stat(5) has it. */

// The program's name is in parentheses, and may hold some itself.
const fieldsAfterName = (stat: string): readonly string[] =>
  stat
    .slice(stat.lastIndexOf(")") + 1)
    .trim()
    .split(" ");

/** Its terminal sends Ctrl-C to it and to everybody else in its process group. */
export function isInForeground(stat: string): boolean {
  const [_state, _parent, group, _session, _terminal, foregroundGroup] = fieldsAfterName(stat);
  return group !== undefined && group === foregroundGroup;
}

/** Undefined for a text that is none; 0: the kernel. */
export function parentIn(stat: string): number | undefined {
  const parent = fieldsAfterName(stat)[1];
  return parent === undefined ? undefined : Number(parent);
}

/** It has ended, and its parent has not asked how: some of the first processes in a container never do. */
export const isZombie = (stat: string): boolean => fieldsAfterName(stat)[0] === "Z";

/** Clock ticks after boot; undefined for one that has ended, and for a text that is none. */
export const startTimeIn = (stat: string): string | undefined =>
  isZombie(stat) ? undefined : fieldsAfterName(stat)[19];
