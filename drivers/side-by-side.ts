import { ReplikubeError } from "./errors";

/** The same work on several machines at once: each comes to its end, and then every failure is told. */
export async function sideBySide<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<readonly R[]> {
  const results = await Promise.allSettled(items.map(work));
  const failures = results.flatMap((result): readonly unknown[] =>
    result.status === "rejected" ? [result.reason] : [],
  );
  if (failures.length > 1 && failures.every((failure) => failure instanceof ReplikubeError)) {
    throw new ReplikubeError(failures.map(({ message }) => message).join("\n"));
  }
  if (failures.length > 0) throw failures[0];
  return results.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
}
