export interface RunResult {
  seed: number;
  faults: Record<string, number>;
  /** Texts whose handing over was confirmed. */
  accepted: number;
  /** What the server has of them and of others. */
  messages: number;
  violations: string[];
}

/** One line per fact, for people who read a log. */
export function table(runs: readonly RunResult[]): string {
  const faults = new Map<string, number>();
  for (const run of runs)
    for (const [kind, count] of Object.entries(run.faults)) faults.set(kind, (faults.get(kind) ?? 0) + count);
  const sum = (of: (run: RunResult) => number) => runs.reduce((total, run) => total + of(run), 0);
  const rows: [string, string | number][] = [
    ['runs', runs.length],
    [
      'seeds',
      runs.length > 6 ? `${runs[0]?.seed} … ${runs.at(-1)?.seed}` : runs.map(({ seed }) => seed).join(', '),
    ],
    ...faults,
    ['faults', [...faults.values()].reduce((total, count) => total + count, 0)],
    ['texts accepted', sum(({ accepted }) => accepted)],
    ['messages stored', sum(({ messages }) => messages)],
    ['violations', sum(({ violations }) => violations.length)],
  ];
  const details = runs.flatMap(({ seed, violations }) =>
    violations.slice(0, 20).map((line) => `  ${seed}: ${line}`),
  );
  const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
  const last = [
    count(runs.length, 'run'),
    count(
      [...faults.values()].reduce((total, n) => total + n, 0),
      'fault',
    ),
    count(
      sum(({ messages }) => messages),
      'message',
    ),
    count(
      sum(({ violations }) => violations.length),
      'violation',
    ),
  ].join(', ');
  return [...rows.map(([name, value]) => `  ${name.padEnd(22)}${value}`), ...details, last].join('\n');
}
