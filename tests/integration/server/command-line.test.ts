/** What an administrator at a terminal sees of the server. */
import { execFile } from 'node:child_process';
import { connect } from 'node:net';
import { resolve } from 'node:path';
import { expect, test } from 'vitest';
import { SETTINGS } from '../../../server/config.ts';
import { temporaryDirectory, testServer } from './harness.ts';

const root = resolve(import.meta.dirname, '../../..');

interface Outcome {
  code: number;
  output: string;
  errors: string;
}

/** Runs the server until it ends by itself. */
function run(...args: string[]): Promise<Outcome> {
  return new Promise((done) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'server/main.ts', ...args],
      { cwd: root },
      (error, output, errors) => done({ code: Number(error?.code ?? 0), output, errors }),
    );
  });
}

test('--help names every flag and variable and ends well', async () => {
  const { code, output, errors } = await run('--port', '1', '--help');
  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  for (const { flag, environment } of SETTINGS)
    expect(output).toMatch(new RegExp(`--${flag}[^]*${environment}`));
});

test('an unknown flag is one line and exit code 2', async () => {
  expect(await run('--nonsense')).toEqual({
    code: 2,
    output: '',
    errors: 'magpie-server: unknown argument "--nonsense"; --help lists them all\n',
  });
});

test('a taken port is one line that says what to do, and the server that has it goes on', async () => {
  const { origin } = await testServer();
  const { port } = new URL(origin);
  expect(await run('--port', port, '--data', temporaryDirectory(), '--log-level', 'silent')).toEqual({
    code: 1,
    output: '',
    errors: `magpie-server: port ${port} of 127.0.0.1 is taken: end the program that listens there, or choose another with --port\n`,
  });
  const socket = connect(Number(port), '127.0.0.1');
  await new Promise((done, failed) => socket.once('connect', done).once('error', failed));
  socket.destroy();
});
