/** The conformance run against another server: the faults of the original are listed, others fail it. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { startFaultyFront } from '../../helpers/plain-egg-im/faulty-front.ts';
import { testServer } from '../server/harness.ts';
import { MENDED_FAULTS } from './expected-differences.ts';
import { FOREIGN } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
const SALT = 'salt-of-the-other-server';

/** `npm run test:conformance -- --origin …`, as far as tests of that name go. */
async function conformance(origin: string, name = ''): Promise<{ code: number | null; output: string }> {
  const program = [join(ROOT, 'node_modules/tsx/dist/cli.mjs'), join(ROOT, 'scripts/conformance.ts')];
  const only = name === '' ? [] : ['--only', name];
  const run = spawn(process.execPath, [...program, '--origin', origin, '--salt', SALT, ...only], {
    cwd: ROOT,
    env: { ...process.env, NO_COLOR: '1' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [run.stdout, run.stderr])
    stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise<number | null>((resolve) => run.once('close', resolve));
  return { code, output };
}

test.skipIf(FOREIGN !== '')(
  'a server with every fault of the original passes, and each fault is listed in words',
  async () => {
    const ours = await testServer({ guestSalt: SALT, guestCallsPerHour: 50 });
    const front = await startFaultyFront(ours.origin);
    try {
      const { code, output } = await conformance(front.origin);
      expect(code, output).toBe(0);
      for (const [fault, text] of Object.entries(MENDED_FAULTS))
        expect(output).toMatch(
          new RegExp(`^ +${fault} +shown by \\d+ of \\d+ answers +${escaped(text)}`, 'mu'),
        );
    } finally {
      await front.stop();
    }
  },
  180_000,
);

test.skipIf(FOREIGN !== '')(
  'a server with a fault of its own does not pass; one that mended all of them says so',
  async () => {
    const ours = await testServer({ guestSalt: SALT, guestCallsPerHour: 50 });
    const front = await startFaultyFront(ours.origin, ({ url }) =>
      url.pathname.endsWith('/complaint/create')
        ? { status: 200, body: { msg: 'fine', data: null } }
        : undefined,
    );
    try {
      const broken = await conformance(front.origin, 'complaint');
      expect(broken.code, broken.output).not.toBe(0);
      const sound = await conformance(ours.origin, 'complaint');
      expect(sound.code, sound.output).toBe(0);
      expect(sound.output).toMatch(/^ +ownership +mended there, too/mu);
      expect(sound.output).toMatch(/^ +Q31 +not asked/mu);
    } finally {
      await front.stop();
    }
  },
  180_000,
);

function escaped(text: string): string {
  return text.replaceAll(/[.*+?^${}()|[\]\\/]/gu, '\\$&');
}
