import { z } from "zod";

/** Adds up what the checks and jest's projects say. */
export interface Count {
  readonly passed: number;
  readonly failed: number;
  /** Full names, which say why. */
  readonly skipped: readonly string[];
}

export const NOTHING: Count = { passed: 0, failed: 0, skipped: [] };

const reportSchema = z.object({
  numPassedTests: z.number(),
  numFailedTests: z.number(),
  numRuntimeErrorTestSuites: z.number(),
  testResults: z.array(z.object({ assertionResults: z.array(z.object({ fullName: z.string(), status: z.string() })) })),
});

export const added = (a: Count, b: Count): Count => ({
  passed: a.passed + b.passed,
  failed: a.failed + b.failed,
  skipped: [...a.skipped, ...b.skipped],
});

/** A jest that fails without a failed test (it was killed, it wrote no report) counts as one failure: nothing is lost. */
export function countOf(report: unknown, exitCode: number): Count {
  const parsed = reportSchema.safeParse(report);
  if (!parsed.success) return { ...NOTHING, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, testResults } = parsed.data;
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  const skipped = testResults
    .flatMap(({ assertionResults }) => assertionResults)
    .filter(({ status }) => ["pending", "skipped", "todo", "disabled"].includes(status));
  return {
    passed: numPassedTests,
    failed: failed === 0 && exitCode !== 0 ? 1 : failed,
    skipped: skipped.map(({ fullName }) => fullName),
  };
}

export const summaryLine = ({ passed, failed, skipped }: Count): string =>
  `${passed} passed, ${failed} failed, ${skipped.length} skipped`;
