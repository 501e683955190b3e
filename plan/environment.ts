/** One that is set and empty counts as unset: so it is taken away for one command, and XDG's base directories say it of theirs. */
export const variable = (environment: Readonly<Record<string, string | undefined>>, name: string): string | undefined =>
  environment[name] || undefined;
