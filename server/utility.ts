/**
 * The server as a utility process of the desktop app. Posts `{ type: 'listening', origin }` or
 * `{ type: 'failed', message }` to its parent and stops on `{ type: 'stop' }`.
 */
import { loadConfig, startServer } from './server.ts';

/** What Electron adds to `process` in a utility process; declared here because this room may not import Electron. */
interface ParentPort {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { data: unknown }) => void): void;
}

const parentPort = (process as typeof process & { parentPort?: ParentPort }).parentPort;

async function run(port: ParentPort): Promise<void> {
  const server = await startServer(loadConfig(process.argv.slice(2), process.env));
  const stop = (): void => {
    void server.stop().finally(() => process.exit(0));
  };
  port.on('message', ({ data }) => {
    if (typeof data === 'object' && data !== null && 'type' in data && data.type === 'stop') stop();
  });
  process.once('SIGTERM', stop);
  port.postMessage({ type: 'listening', origin: server.origin });
}

if (parentPort === undefined) {
  process.stderr.write('magpie-server: utility.ts is started by the desktop app; use main.ts\n');
  process.exit(2);
} else {
  const port = parentPort;
  run(port).catch((error: unknown) => {
    port.postMessage({ type: 'failed', message: error instanceof Error ? error.message : String(error) });
    process.exit(1);
  });
}
