/** Starts that fail; the real process, killed while it runs, is in `tests/e2e/this-computer.spec.ts`. */
import { EventEmitter } from 'node:events';
import { beforeEach, expect, test, vi } from 'vitest';
import { temporaryFolder } from '../../../tests/helpers/temporary-folder.ts';
import { createFakeClock } from '../support/fake-clock.ts';
import { silentLogger } from '../support/logger.ts';
import { createEmbeddedServer } from './embedded-server.ts';

/** What a process says before it ends or runs. */
type Beginning = { listening: true } | { failed: string; portTaken?: boolean } | { killed: true };

const { beginnings, ports } = vi.hoisted(() => ({ beginnings: [] as Beginning[], ports: [] as number[] }));
vi.mock('electron', () => ({
  utilityProcess: {
    fork(_file: string, _args: string[], { env }: { env: Record<string, string> }) {
      const child = Object.assign(new EventEmitter(), {
        kill: () => undefined,
        postMessage: () => undefined,
      });
      const beginning = beginnings.shift() ?? { listening: true };
      const port = Number(env['MAGPIE_PORT']);
      ports.push(port);
      setImmediate(() => {
        if ('listening' in beginning)
          return child.emit('message', { type: 'listening', origin: `http://127.0.0.1:${port || 7000}` });
        if ('failed' in beginning)
          child.emit('message', {
            type: 'failed',
            message: beginning.failed,
            portTaken: beginning.portTaken,
          });
        return child.emit('exit', 1);
      });
      return child;
    },
  },
}));

beforeEach(() => {
  beginnings.length = 0;
  ports.length = 0;
});

function setUp() {
  const clock = createFakeClock();
  const states: string[] = [];
  let restarts = 0;
  const server = createEmbeddedServer({
    ...{ serverFile: 'server.js', userData: temporaryFolder('embedded'), clock, logger: silentLogger },
    port: { read: () => 4321, save: () => undefined },
    guestSalt: 'salt',
    onState: ({ state }) => states.push(state),
    onRestarted: () => (restarts += 1),
    onBackupChanged: () => undefined,
  });
  return { clock, server, states, restarts: () => restarts };
}

test('a port that another program has is left to it; for any other reason the address stays', async () => {
  beginnings.push({ failed: 'port 4321 of 127.0.0.1 is taken', portTaken: true });
  const taken = setUp();
  expect(await taken.server.start()).toBe('http://127.0.0.1:7000');
  expect(ports.splice(0)).toEqual([4321, 0]);
  beginnings.push({ killed: true });
  const killed = setUp();
  await expect(killed.server.start()).rejects.toThrow('before it listened');
  killed.clock.runNext();
  await expect.poll(() => killed.server.state).toEqual({ state: 'running', origin: 'http://127.0.0.1:4321' });
  expect(ports).toEqual([4321, 4321]);
});

test('what kept it from starting may pass: it is tried again, later and later, and not for ever', async () => {
  const { clock, server, states, restarts } = setUp();
  for (let index = 0; index < 20; index += 1) beginnings.push({ failed: 'the data are in use' });
  await expect(server.start()).rejects.toThrow('the data are in use');
  let tries = 1;
  while (clock.planned > 0) {
    clock.runNext();
    tries += 1;
    await expect.poll(() => states.filter((state) => state === 'failed').length).toBe(tries);
  }
  expect(tries).toBe(6);
  expect(server.state).toEqual({ state: 'failed', message: 'the data are in use' });
  // A person asks again.
  beginnings.length = 0;
  expect(await server.start()).toBe('http://127.0.0.1:4321');
  expect(restarts()).toBe(0);
});

test('once stopped, nothing starts it any more', async () => {
  const { clock, server } = setUp();
  beginnings.push({ failed: 'the data are in use' });
  await expect(server.start()).rejects.toThrow();
  await server.stop();
  expect(clock.planned).toBe(0);
});
