/** Hold to talk, as people know it from their phones, on a server of the plain protocol; and what waits to be sent. */
import { readdir } from 'node:fs/promises';
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { pressKeys } from '../helpers/desktop/x11.ts';
import { UPLOAD_PATH } from '../helpers/plain-egg-im/plain-files.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { PlainServer } from '../helpers/plain-egg-im/plain-server.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, setPassphrase } from './person.ts';

test('held and let go it is sent, in a form that plain servers take; pulled away nothing is', async ({
  launchMagpie,
}) => {
  const server = await PlainServer.start();
  try {
    const { page } = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
    await connectTo(page, server.origin);
    await register(page, 'ann_hold');
    const client = new PlainClient(server.origin);
    const ben = await client.register('ben_hold');
    const socket = await client.connect(ben);
    const ann = Number(server.tokenOf('ann_hold').split('.').at(-2));
    await client.sendText(ben, ann, 'say something');
    await openChat(page, 'ben_hold');

    const mic = page.getByTestId('composer-mic');
    const recorder = page.getByTestId('voice-recorder');
    const own = page.locator('[data-testid="message"][data-own="true"][data-kind="voice"]');
    const uploads = () => server.calls.filter((path) => path.startsWith(UPLOAD_PATH)).length;
    const heard = () => socket.messages.filter((one) => one['type'] === 'audio');
    /** Presses the microphone and speaks for a second; gives the place of the pointer. */
    const hold = async () => {
      const box = await steadyBox(mic);
      const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
      await page.mouse.move(at.x, at.y);
      await page.mouse.down();
      await expect(recorder).toHaveAttribute('data-phase', 'recording');
      await expect(page.getByTestId('voice-time')).toContainText(/0:0[1-9] /u);
      return at;
    };

    await test.step('pulled away', async () => {
      const at = await hold();
      await page.mouse.move(at.x - 40, at.y - 160, { steps: 4 });
      await expect(recorder).toContainText('Let go');
      await page.mouse.up();
      await expect(recorder).toBeHidden();
      await expect(mic).toBeVisible();
      await expect(own).toHaveCount(0);
      expect(uploads()).toBe(0);
    });

    await test.step('pulled away and back again, let go', async () => {
      const at = await hold();
      await page.mouse.move(at.x, at.y - 160, { steps: 4 });
      await expect(recorder).toContainText('Let go');
      await page.mouse.move(at.x, at.y, { steps: 4 });
      await expect(page.getByTestId('voice-level')).toBeVisible();
      await page.mouse.up();
      await expect(recorder).toBeHidden();
      await expect(own).toHaveCount(1);
    });

    await expect.poll(() => heard().length, { timeout: 90_000 }).toBe(1);
    expect(uploads()).toBe(1);
    const content = JSON.parse(String(heard()[0]?.['data'])) as {
      data: string;
      otherData: { duration: number };
    };
    expect(content.otherData.duration).toBeGreaterThanOrEqual(1);
    expect(new URL(content.data).pathname).toMatch(/\.mp4$/u);
    const file = Buffer.from(await (await fetch(content.data)).arrayBuffer());
    expect(file.subarray(4, 8).toString('latin1')).toBe('ftyp');
    await own.getByTestId('message-voice-play').click();
    await expect(own.getByTestId('message-voice')).toHaveAttribute('data-playing', 'true');
    await socket.close();
  } finally {
    await server.stop();
  }
});

test('what was spoken and not sent is there again after the lock and a sudden end; thrown away, nothing of it stays', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const SECRET = 'magpies like silver';
  const server = await startServer();
  const magpie = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
  const bert = new PlainClient(server.origin);
  const account = await bert.register('bert_plain');
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'ann_waits');
  await addContact(magpie.page, 'bert_plain');
  const socket = await bert.connect(account);
  const heard = () => socket.messages.filter((one) => one['type'] === 'audio');
  await setPassphrase(magpie.page, SECRET);
  const recorder = () => magpie.page.getByTestId('voice-recorder');
  const unlock = async () => {
    const { page } = magpie;
    await expect(page.getByTestId('lock-page')).toBeVisible();
    // The page begins anew once it is locked.
    await expect(async () => {
      if (await page.getByTestId('lock-page').isVisible()) {
        await page.getByTestId('lock-passphrase').fill(SECRET, { timeout: 2_000 });
        await page.getByTestId('lock-unlock').click({ timeout: 2_000 });
      }
      await expect(page.getByTestId('rail-chats')).toBeVisible({ timeout: 2_000 });
    }).toPass({ timeout: 60_000 });
    await openChat(page, 'bert_plain');
  };
  const speak = async () => {
    await magpie.page.getByTestId('composer-mic').click();
    await expect(recorder()).toHaveAttribute('data-phase', 'recording');
    await expect(magpie.page.getByTestId('voice-time')).toContainText(/0:0[1-9] /u);
  };
  /** Files that are kept to be sent. */
  const staged = async () =>
    (await readdir(magpie.profileDir, { recursive: true })).filter((path) => /outgoing.[^.]+$/u.test(path));

  await magpie.page.getByTestId('rail-chats').click();
  await openChat(magpie.page, 'bert_plain');

  await test.step('locked while it is spoken', async () => {
    await speak();
    await magpie.window.focus();
    // The menu's key, which only the real keyboard reaches.
    await pressKeys(desktop.env, 'key', 'ctrl+shift+l');
    await unlock();
    await expect(recorder()).toHaveAttribute('data-phase', 'review');
    await expect(magpie.page.getByTestId('voice-time')).toHaveText(/^0:0[1-9]$/u);
  });

  await test.step('killed', async () => {
    await magpie.kill();
    await magpie.relaunch();
    await unlock();
    await expect(recorder()).toHaveAttribute('data-phase', 'review');
    await magpie.page.getByTestId('voice-send').click();
    await expect(recorder()).toBeHidden();
    await socket.until(() => heard().length === 1, 90_000);
    const { data } = JSON.parse(String(heard()[0]?.['data'])) as { data: string };
    const answer = await fetch(data, { headers: { token: account.token } });
    expect(
      Buffer.from(await answer.arrayBuffer())
        .subarray(4, 8)
        .toString('latin1'),
    ).toBe('ftyp');
  });

  await test.step('thrown away', async () => {
    await speak();
    await magpie.page.getByTestId('voice-stop').click();
    await expect(recorder()).toHaveAttribute('data-phase', 'review');
    await expect.poll(staged).toHaveLength(1);
    await magpie.page.getByTestId('voice-cancel').click();
    await expect(recorder()).toBeHidden();
    await expect.poll(staged).toEqual([]);
    await magpie.kill();
    await magpie.relaunch();
    await unlock();
    const { page } = magpie;
    await expect(page.locator('[data-testid="message"][data-kind="voice"]')).toHaveCount(1);
    await expect(page.getByTestId('composer-mic')).toBeVisible();
    expect(heard()).toHaveLength(1);
  });
  await socket.close();
  expect(magpie.problems()).toEqual([]);
});
