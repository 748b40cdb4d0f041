/** One measured figure of a benchmark. */
export interface Figure {
  name: string;
  /** Mostly a ratio of two times measured in the same run, because absolute times belong to one machine only. */
  value: number;
  unit: string;
  /** Largest value that we accept; null where the figure is shown for information. */
  goal: number | null;
}

/** A file `tests/bench/NAME.bench.ts` exports one of these as `benchmark`. */
export interface Benchmark {
  /** What is measured, in one sentence. */
  title: string;
  run(): Promise<Figure[]>;
}

/** Median time of one call in milliseconds, over `rounds` rounds of `calls` calls after a round to warm up. */
export function medianTime(rounds: number, calls: number, work: (call: number) => void): number {
  const times: number[] = [];
  for (let round = -1; round < rounds; round += 1) {
    const start = performance.now();
    for (let call = 0; call < calls; call += 1) work(call);
    if (round >= 0) times.push((performance.now() - start) / calls);
  }
  times.sort((a, b) => a - b);
  return times[Math.floor(times.length / 2)] as number;
}
