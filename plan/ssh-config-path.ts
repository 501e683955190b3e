/**
 * A path as the value of an option that names files (ssh_config(5)): OpenSSH splits such a value at blanks, knows \ before a quote,
 * and expands what follows %. Its `-i` takes no quotes and still expands, so a key is named by `IdentityFile` too.
 */
export const sshConfigPath = (path: string): string =>
  `"${path.replaceAll(/[\\"]/g, String.raw`\$&`).replaceAll("%", "%%")}"`;
