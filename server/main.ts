/** The command line: `node server/main.ts --port 7001 --data ./magpie-data`. */
import { ConfigError, StorageUnusableError, loadConfig, startServer } from './server.ts';
import type { RunningServer } from './server.ts';

const EXIT_USAGE = 2;
const EXIT_FAILURE = 1;

async function main(): Promise<void> {
  const server = await startServer(loadConfig(process.argv.slice(2), process.env));
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.once(signal, () => void stop(server));
  process.stdout.write(`listening on ${server.origin}\n`);
}

async function stop(server: RunningServer): Promise<void> {
  try {
    await server.stop();
    process.exit(0);
  } catch (error) {
    fail(error);
  }
}

function fail(error: unknown): void {
  const text = error instanceof Error ? error.message : String(error);
  process.stderr.write(`magpie-server: ${text.replaceAll('\n', ' ')}\n`);
  process.exit(
    error instanceof ConfigError || error instanceof StorageUnusableError ? EXIT_USAGE : EXIT_FAILURE,
  );
}

main().catch(fail);
