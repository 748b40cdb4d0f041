import { expect, test } from 'vitest';
import { table } from './report.ts';
import { runScenario } from './scenario.ts';

const seed = Number(process.env['MAGPIE_FAULTS_SEED'] ?? Math.floor(Math.random() * 2 ** 31));
// A request that is stored but never answered is given up by the client after half a minute.
const seconds = Number(process.env['MAGPIE_FAULTS_SECONDS'] ?? 15);

test(
  `nothing is lost, doubled or out of order, whatever is killed or cut (MAGPIE_FAULTS_SEED=${seed})`,
  async () => {
    const result = await runScenario({ seed, seconds, settleSeconds: 45 });
    process.stdout.write(`\n${table([result])}\n`);
    expect(result.violations, `seed ${seed}`).toEqual([]);
    expect(result.accepted).toBeGreaterThan(0);
  },
  (seconds + 120) * 1_000,
);
