import { expect, test } from 'vitest';
import { table } from './report.ts';
import { runScenario } from './scenario.ts';

const seed = Number(process.env['MAGPIE_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
const seconds = Number(process.env['MAGPIE_FAULTS_SECONDS'] ?? 15);
/** Shorter than the client waits for any answer: a send that hangs on a dead line would be seen. */
const STALL_SECONDS = 10;

test(
  `nothing is lost, doubled or out of order, whatever is killed or cut (MAGPIE_FAULTS_SEED=${seed})`,
  async () => {
    const result = await runScenario({ seed, seconds, stallSeconds: STALL_SECONDS });
    process.stdout.write(`\n${table([result])}\n`);
    expect(result.violations, `seed ${seed}`).toEqual([]);
    expect(result.accepted).toBeGreaterThan(0);
  },
  (seconds + 300) * 1_000,
);
