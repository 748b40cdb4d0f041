/** The programs of a fault run as plain JavaScript, built once per run: they are killed and started by the dozen. */
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { build } from 'vite';

const repositoryRoot = resolve(import.meta.dirname, '../..');
const sources = {
  server: 'server/main.ts',
  serverDeaths: 'tests/faults/server-deaths.ts',
  serverFaults: 'tests/faults/server-faults.ts',
  person: 'tests/faults/person-process.ts',
  historyWorker: 'tests/faults/history-worker.ts',
} as const;

/** Name of the program to its file. */
export type Programs = Record<keyof typeof sources, string>;

let built: Promise<Programs> | undefined;

export const buildPrograms = (): Promise<Programs> => (built ??= buildAll());

async function buildAll(): Promise<Programs> {
  // Inside the project, so that they find its packages.
  const cache = join(repositoryRoot, 'node_modules/.cache');
  mkdirSync(cache, { recursive: true });
  const outDir = mkdtempSync(join(cache, 'magpie-faults-'));
  process.once('exit', () => rmSync(outDir, { recursive: true, force: true }));
  const names = Object.keys(sources) as (keyof Programs)[];
  await build({
    root: repositoryRoot,
    configFile: false,
    logLevel: 'warn',
    build: {
      ssr: true,
      target: 'node20',
      minify: false,
      outDir,
      rolldownOptions: {
        input: Object.fromEntries(names.map((name) => [name, join(repositoryRoot, sources[name])])),
        output: { entryFileNames: '[name].mjs', chunkFileNames: '[name]-[hash].mjs' },
      },
    },
  });
  return Object.fromEntries(names.map((name) => [name, join(outDir, `${name}.mjs`)])) as Programs;
}
