/** What the kernel tells of a process: the text of /proc/PID/stat, as proc_pid_stat(5) has it. */

/** Its terminal sends Ctrl-C to it and to everybody else in its process group. */
export function isInForeground(stat: string): boolean {
  // The program's name is in parentheses, and may hold some itself.
  const afterName = stat.slice(stat.lastIndexOf(")") + 1).trim();
  const [_state, _parent, group, _session, _terminal, foregroundGroup] = afterName.split(" ");
  return group !== undefined && group === foregroundGroup;
}
