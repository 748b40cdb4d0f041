/** What an action costs in a large history, as a multiple of what it costs in a small one: it should cost the same. */
import { execFile } from 'node:child_process';
import { copyFileSync, mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { openDatabase } from '../../electron/main/history/database.ts';
import { withDesktop } from '../../scripts/desktop/with-desktop.ts';
import { provideElectron } from '../../scripts/electron/provide-electron.ts';
import { buildIfNeeded } from '../../scripts/lib/build-app.ts';
import { repositoryRoot } from '../../scripts/lib/paths.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import type { Benchmark, Figure } from './benchmark.ts';
import { makeProfile } from './electron/signed-in-profile.ts';
import { startTime } from './electron/start-time.ts';
import { fill } from './history/fill.ts';
import { batchTheJsonWay } from './history/json-way.ts';
import type { Times } from './history/times.ts';

const LARGEST = Number(process.env['MAGPIE_BENCH_MESSAGES'] ?? 1_000_000);
const SIZES = [1_000, 100_000, 1_000_000].filter((size) => size < LARGEST).concat(LARGEST);
const JSON_SIZES = [1_000, 10_000, 100_000];
const STARTS = 7;
const KEY = 'a'.repeat(64);
/** A ratio matters where there is something to feel: below this many milliseconds there is not. */
const TINY = 3;
const APPEND = 'append a received batch of 100';

const short = (size: number) => (size >= 1_000_000 ? `${size / 1_000_000}M` : `${size / 1_000}k`);

async function measureActions(folder: string, electron: string): Promise<Times> {
  const program = join(import.meta.dirname, 'history/inside-electron.ts');
  const worker = join(repositoryRoot, 'out/main/history-worker.js');
  const { stdout } = await promisify(execFile)(
    electron,
    ['--import', 'tsx', program, folder, KEY, worker, SIZES.join(',')],
    { cwd: repositoryRoot, env: { ...process.env, ELECTRON_RUN_AS_NODE: '1' }, maxBuffer: 1 << 20 },
  );
  const found = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as { times: Times; electron?: string };
  if (found.electron === undefined) throw new Error('that was not Electron');
  return found.times;
}

/** Median milliseconds to the painted list by size, and to a blank window. */
async function measureStarts(
  folder: string,
  electron: string,
): Promise<{ blank: number; bySize: Record<string, number> }> {
  const samples = new Map<string, number[]>();
  const add = (name: string, time: number) => samples.set(name, [...(samples.get(name) ?? []), time]);
  for (const size of SIZES)
    copyFileSync(join(folder, `${size}.db`), makeProfile(join(folder, `profile-${size}`), KEY));
  mkdirSync(join(folder, 'profile-blank'));
  await withDesktop('run', async (desktop) => {
    const blank = { program: join(import.meta.dirname, 'electron/blank'), selector: 'p' };
    const ours = { program: repositoryRoot, selector: '[data-testid="conversation-row"]' };
    // The first round brings the programs into memory, and makes the profiles those of an app that has run before.
    for (let round = -1; round < STARTS; round++) {
      for (const name of ['blank', ...SIZES.map(String)]) {
        const profile = join(folder, `profile-${name}`);
        const time = await startTime({ electron, desktop, profile, ...(name === 'blank' ? blank : ours) });
        if (round >= 0) add(name, time);
      }
    }
  });
  const median = (name: string) => {
    const times = (samples.get(name) ?? []).toSorted((a, b) => a - b);
    return times[Math.floor(times.length / 2)] ?? NaN;
  };
  return {
    blank: median('blank'),
    bySize: Object.fromEntries(SIZES.map((size) => [size, median(String(size))])),
  };
}

export const benchmark: Benchmark = {
  title: `History of ${SIZES.map(short).join(' / ')} messages in 500 conversations, encrypted, in Electron`,
  async run() {
    await buildIfNeeded();
    const { executablePath } = await provideElectron();
    const folder = temporaryFolder('bench');
    try {
      for (const size of SIZES) {
        const { sql } = openDatabase(join(folder, `${size}.db`), KEY);
        fill(sql, size);
        sql.close();
      }
      const starts = await measureStarts(folder, executablePath);
      const times = await measureActions(folder, executablePath);
      const [small, large] = [String(SIZES[0]), String(LARGEST)];
      const figures: Figure[] = [];
      for (const [action, bySize] of Object.entries(times)) {
        for (const size of SIZES)
          figures.push({
            name: `${action}, ${short(size)}`,
            value: bySize[size] ?? NaN,
            unit: 'ms',
            goal: null,
          });
        const [from, to] = [bySize[small] ?? NaN, bySize[large] ?? NaN];
        // The one or the other: 1.2 times, or under 3 ms.
        figures.push({
          name: `${action}, ${short(LARGEST)} ÷ ${short(SIZES[0] ?? 0)}`,
          value: to / from,
          unit: '×',
          goal: to < TINY ? null : 1.2,
        });
        if (to < TINY)
          figures.push({ name: `${action}, ${short(LARGEST)}: tiny`, value: to, unit: 'ms', goal: TINY });
      }
      figures.push({ name: 'blank window, start to paint', value: starts.blank, unit: 'ms', goal: null });
      for (const size of SIZES)
        figures.push({
          name: `cold start to the painted list ÷ blank window, ${short(size)}`,
          value: (starts.bySize[size] ?? NaN) / starts.blank,
          unit: '×',
          goal: 1.5,
        });
      const ours = times[APPEND]?.[large] ?? NaN;
      for (const size of JSON_SIZES) {
        const theirs = batchTheJsonWay(join(folder, 'json'), size, size >= 100_000 ? 5 : 21);
        figures.push({
          name: `batch of 100, ours at ${short(LARGEST)} ÷ one JSON array per conversation at ${short(size)}`,
          value: ours / theirs,
          unit: '×',
          // A thousand times cheaper.
          goal: size === 10_000 ? 1 / 1_000 : null,
        });
      }
      return figures;
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  },
};
