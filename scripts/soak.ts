// `npm run soak -- --hours N | --minutes N [--seed S]`: the fault scenario again and again, each time with the next seed. Ends at the
// first broken promise, with its seed.
import { parseArgs } from 'node:util';
import { table, type RunResult } from '../tests/faults/report.ts';
import { runScenario } from '../tests/faults/scenario.ts';
import { ActionableError, runScript } from './lib/fatal.ts';

const SECONDS_PER_RUN = 60;
const STALL_SECONDS = 20;

await runScript(async () => {
  const { values } = parseArgs({
    options: { hours: { type: 'string' }, minutes: { type: 'string' }, seed: { type: 'string' } },
  });
  const minutes = values.minutes === undefined ? Number(values.hours ?? 1) * 60 : Number(values.minutes);
  let seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
  if (!(minutes > 0) || !Number.isSafeInteger(seed))
    throw new ActionableError('usage: soak --hours N | --minutes N [--seed S]');
  const end = performance.now() + minutes * 60_000;
  const runs: RunResult[] = [];
  while (performance.now() < end) {
    const left = (end - performance.now()) / 1_000;
    const seconds = Math.min(SECONDS_PER_RUN, Math.max(10, left));
    const result = await runScenario({ seed: seed++, seconds, stallSeconds: STALL_SECONDS });
    runs.push(result);
    console.log(`${new Date().toISOString()}\n${table(runs)}`);
    if (result.violations.length > 0) return 1;
  }
  return 0;
});
