import { describe, expect, it } from 'vitest';
import { countsOfPlaywright, countsOfVitest, sumCounts, sumLine } from './counts.ts';

describe('counting tests', () => {
  it('sums several suites into one line', () => {
    const sum = sumCounts([
      { passed: 3, failed: 0, skipped: 1 },
      { passed: 4, failed: 2, skipped: 0 },
    ]);
    expect(sumLine(sum)).toBe('7 passed, 2 failed, 1 skipped');
  });

  it('counts nothing for no suites', () => {
    expect(sumLine(sumCounts([]))).toBe('0 passed, 0 failed, 0 skipped');
  });

  it("takes Vitest's pending and todo tests as skipped", () => {
    const report = { numPassedTests: 5, numFailedTests: 1, numPendingTests: 2, numTodoTests: 1 };
    expect(countsOfVitest(report)).toEqual({ passed: 5, failed: 1, skipped: 3 });
  });

  it('takes a flaky end-to-end test as failed', () => {
    const report = { stats: { expected: 5, unexpected: 1, flaky: 1, skipped: 2 } };
    expect(countsOfPlaywright(report)).toEqual({ passed: 5, failed: 2, skipped: 2 });
  });
});
