/** From the server inside an app to one of its own: the way that docs/operations.md describes, with the programs it names. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../../helpers/server-process.ts';
import { run } from '../server/backups.ts';
import { account, credentials, dataFolder, friends, online, page, person, server, texts } from './people.ts';

test('accounts, passwords, contacts and history are the same on the new server', async () => {
  const { ann, bob, withBob, withAnn } = await friends();
  const written = Array.from({ length: 30 }, (_, index) => `message ${index}`);
  const runtime = await ann.session.runtime();
  for (const text of written) await runtime.sendText(withBob, text);
  await expect.poll(() => texts(bob, withAnn), { timeout: 20_000 }).toEqual(written);
  const before = (await page(ann, withBob)).map(({ position, serverId }) => [position, serverId]);

  const work = mkdtempSync(join(tmpdir(), 'magpie-moving-'));
  const place = join(work, 'backups');
  const saved = await run(['backup', '--to', place, '--data', dataFolder()]);
  expect(saved, saved.errors).toMatchObject({ code: 0 });
  await server.stop();
  const standalone = await ServerProcess.start();
  try {
    await standalone.stop();
    rmSync(standalone.dataFolder, { recursive: true });
    const restored = await run(['restore', place, '--data', standalone.dataFolder]);
    expect(restored, restored.errors).toMatchObject({ code: 0 });
    await standalone.restart();

    // A new computer: nothing but the address, the name and the password.
    const again = person('ann01-moved');
    await again.session.connect(standalone.origin);
    await again.session.signIn(credentials('ann01'));
    await online(again);
    expect(account(again).uuid).toBe(account(ann).uuid);
    await expect.poll(() => texts(again, withBob), { timeout: 30_000 }).toEqual(written);
    expect((await page(again, withBob)).map(({ position, serverId }) => [position, serverId])).toEqual(
      before,
    );
    expect((await (await again.session.runtime()).listContacts()).map(({ accountId }) => accountId)).toEqual([
      account(bob).id,
    ]);

    const other = await new PlainClient(standalone.origin).login('bob01', credentials('bob01').password);
    expect(other.id).toBe(account(bob).id);
    await (await again.session.runtime()).sendText(withBob, 'from the new home');
    await expect.poll(async () => (await texts(again, withBob)).at(-1)).toBe('from the new home');
    await again.session.close();
  } finally {
    await standalone.dispose();
    rmSync(work, { recursive: true, force: true });
  }
}, 240_000);
