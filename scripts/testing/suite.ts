import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryRoot } from '../lib/paths.ts';
import { runChild } from '../lib/run-child.ts';
import { countsOfPlaywright, countsOfVitest, noTests, type Counts } from './counts.ts';

/** One of the project's groups of tests. */
export type SuiteName = 'unit' | 'integration' | 'faults' | 'e2e';

/** What a suite came to. */
export interface SuiteResult {
  name: SuiteName;
  counts: Counts;
  /** Why the suite as a whole failed; undefined if it did not. */
  problem?: string;
}

const vitestProgram = join(repositoryRoot, 'node_modules/vitest/vitest.mjs');
const playwrightProgram = join(repositoryRoot, 'node_modules/@playwright/test/cli.js');

/** Runs one suite in the foreground and counts its tests from the report it writes to `test-results/`. */
export async function runSuite(name: SuiteName, args: readonly string[] = []): Promise<SuiteResult> {
  const report = join(repositoryRoot, 'test-results', `${name}.json`);
  // Otherwise a run that crashes would be judged by the report of the one before.
  await rm(report, { force: true });
  const code = name === 'e2e' ? await runPlaywright(report, args) : await runVitest(name, report, args);
  const counts = await readCounts(name, report);
  return { name, counts: counts ?? noTests, problem: problemOf(code, counts) };
}

/** Judges a run: it must have ended well, written its report, and really executed something. */
export function problemOf(code: number, counts: Counts | undefined): string | undefined {
  if (!counts) return `ended with code ${code} and left no report`;
  if (counts.failed > 0) return `${counts.failed} failed`;
  if (code !== 0) return `ended with code ${code} although no test failed`;
  if (counts.passed === 0) return 'executed no test';
  return undefined;
}

function runVitest(project: string, report: string, args: readonly string[]): Promise<number> {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${report}`];
  return runChild(process.execPath, [vitestProgram, 'run', '--project', project, ...reporters, ...args], {
    cwd: repositoryRoot,
  });
}

function runPlaywright(report: string, args: readonly string[]): Promise<number> {
  return runChild(process.execPath, [playwrightProgram, 'test', ...args], {
    cwd: repositoryRoot,
    env: { ...process.env, PLAYWRIGHT_JSON_OUTPUT_FILE: report },
  });
}

async function readCounts(name: SuiteName, report: string): Promise<Counts | undefined> {
  try {
    const content: unknown = JSON.parse(await readFile(report, 'utf8'));
    return name === 'e2e' ? countsOfPlaywright(content) : countsOfVitest(content);
  } catch {
    return undefined;
  }
}
