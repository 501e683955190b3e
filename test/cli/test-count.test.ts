import { added, countOf, summaryLine } from "../../cli/test-count";

const report = (failed: number, broken: number) => ({
  numPassedTests: 3,
  numFailedTests: failed,
  numRuntimeErrorTestSuites: broken,
  testResults: [{ assertionResults: [{ fullName: "needs KVM: boots", status: "pending" }] }],
});

describe("counting tests", () => {
  it("adds up, and keeps the names of what was skipped", () => {
    const count = added(countOf(report(0, 0), 0), countOf(report(1, 1), 1));
    expect(summaryLine(count)).toBe("6 passed, 2 failed, 2 skipped");
    expect(count.skipped).toContain("needs KVM: boots");
  });

  it("loses no failure that jest did not write down", () => {
    expect(countOf(report(0, 0), 1).failed).toBe(1);
    expect(countOf(undefined, 0).failed).toBe(1);
  });
});
