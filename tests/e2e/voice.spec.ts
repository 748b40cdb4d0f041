/** Hold to talk, as people know it from their phones, on a server of the plain protocol. */
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { UPLOAD_PATH } from '../helpers/plain-egg-im/plain-files.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { PlainServer } from '../helpers/plain-egg-im/plain-server.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, openChat, register } from './person.ts';

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
