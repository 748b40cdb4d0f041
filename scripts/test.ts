// `npm test`: every suite in turn, then one line that sums them up. `npm run test:NAME` runs one of them and passes
// what follows `--` on to Vitest or Playwright.
import { ensurePackages } from './desktop/apt.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { runScript } from './lib/fatal.ts';
import { noTests, sumCounts, sumLine } from './testing/counts.ts';
import { runSuite, type SuiteName, type SuiteResult } from './testing/suite.ts';

const allSuites: readonly SuiteName[] = ['unit', 'integration', 'faults', 'e2e'];

await runScript(async () => {
  const [chosen, ...args] = process.argv.slice(2);
  const suites = allSuites.filter((name) => chosen === undefined || name === chosen);
  const results: SuiteResult[] = [];
  for (const name of suites) {
    console.log(`\n== ${name} tests`);
    results.push(await prepareAndRun(name, args));
  }
  console.log();
  for (const { name, counts, problem } of results) {
    console.log(`${name}: ${sumLine(counts)}${problem ? ` -- ${problem}` : ''}`);
  }
  console.log(sumLine(sumCounts(results.map(({ counts }) => counts))));
  return results.length > 0 && results.every(({ problem }) => problem === undefined) ? 0 : 1;
});

/** A suite that cannot even be started fails, but does not keep the others from running. */
async function prepareAndRun(name: SuiteName, args: readonly string[]): Promise<SuiteResult> {
  try {
    if (name === 'e2e') {
      await ensurePackages('test');
      await provideElectron();
      await buildIfNeeded();
    }
    return await runSuite(name, args);
  } catch (error) {
    const problem = (error as Error).message;
    console.error(`${name} tests could not run: ${problem}`);
    return { name, counts: noTests, problem };
  }
}
