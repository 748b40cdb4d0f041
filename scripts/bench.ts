// `npm run bench -- NAME [--json FILE]`: runs tests/bench/NAME.bench.ts and prints its figures as a table. With --json it
// also writes them as an array of {name, value, unit, goal, ok}. Without a NAME it lists the benchmarks there are.
import { readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Benchmark } from '../tests/bench/benchmark.ts';
import { ActionableError, runScript } from './lib/fatal.ts';
import { repositoryRoot } from './lib/paths.ts';

const folder = join(repositoryRoot, 'tests/bench');
const ending = '.bench.ts';
const names = readdirSync(folder)
  .filter((file) => file.endsWith(ending))
  .map((file) => file.slice(0, -ending.length));

await runScript(async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: { json: { type: 'string' } },
  });
  const [name] = positionals;
  if (name === undefined || !names.includes(name))
    throw new ActionableError(`give the name of a benchmark: ${names.join(', ')}`);
  const module = (await import(pathToFileURL(join(folder, name + ending)).href)) as { benchmark: Benchmark };
  console.log(module.benchmark.title);
  const figures = (await module.benchmark.run()).map((figure) => ({
    ...figure,
    ok: figure.goal === null || figure.value <= figure.goal,
  }));
  console.table(
    figures.map(({ name: what, value, unit, goal, ok }) => ({
      figure: what,
      value: Number(value.toPrecision(3)),
      unit,
      goal: goal === null ? '' : `≤ ${goal}`,
      ok: goal === null ? '' : ok ? 'yes' : 'NO',
    })),
  );
  if (values.json !== undefined) writeFileSync(values.json, `${JSON.stringify(figures, null, 2)}\n`);
  return figures.every(({ ok }) => ok) ? 0 : 1;
});
