/** The console of a machine on another host: a file in the stack's pool, which libvirt takes for a volume. */

export const consoleName = (node: string): string => `${node}.console.log`;

/** virtlogd keeps what came before as `.0`, `.1`. */
export const isConsole = (volume: string): boolean => /\.console\.log(\.\d+)?$/.test(volume);
