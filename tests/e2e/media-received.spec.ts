/** What other clients send: shown, played and kept, and what cannot be shown says why. */
import { png, video, voice } from '../helpers/files/samples.ts';
import { PlainClient, type PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, openChat, PASSWORD, row, signIn } from './person.ts';

test('every kind of a plain client is shown or played; what is gone, elsewhere or a program says so', async ({
  launchMagpie,
  startServer,
}) => {
  const { origin } = await startServer();
  const client = new PlainClient(origin);
  const me = await client.register('ann_receives', PASSWORD);
  const bert = await client.register('bert_plain');
  await client.befriend(bert, me);
  const magpie = await launchMagpie();
  const { page } = magpie;
  await connectTo(page, origin);
  await signIn(page, 'ann_receives');
  await expectOnline(page);
  await expect(row(page, 'bert_plain')).toBeVisible();
  await openChat(page, 'bert_plain');
  const upload = (name: string, content: Uint8Array) => uploaded(client, bert, name, content);
  const message = (kind: string) =>
    page.locator(`[data-testid="message"][data-own="false"][data-kind="${kind}"]`).last();

  await test.step('a sticker, which can be kept', async () => {
    const icon = await upload('wave.png', png(200, 200, [250, 200, 40]));
    const typedata = { name: 'wave', icon, iconType: 'image', eventType: 'iconMenus' };
    const content = { data: icon, dataType: 'image', otherData: { type: 'iconMenus', typedata } };
    await client.sendContent(bert, me.id, 'iconMenus', content);
    const image = message('sticker').getByTestId('message-image');
    await expect(image).toHaveAttribute('data-loaded', 'true');
    // A sticker is nothing to press, so it lets the click through to its bubble.
    await image.click({ button: 'right', force: true });
    await page.getByTestId('message-menu').getByText('Add to my stickers').click();
    await expect(page.getByTestId('toast').filter({ hasText: 'Added to your stickers' })).toBeVisible();
    await page.getByTestId('composer-emoji').click();
    await page.getByTestId('expressions-stickers').click();
    await expect(page.locator('[data-sticker^="own:"]')).toHaveCount(1);
    await page.keyboard.press('Escape');
  });

  await test.step('a voice message with its seconds', async () => {
    const data = await upload('voice.mp4', await voice());
    await client.sendContent(bert, me.id, 'audio', { data, dataType: 'audio', otherData: { duration: 2 } });
    const bubble = message('voice');
    await expect(bubble.getByTestId('message-voice-time')).toHaveText('0:02');
    await bubble.getByTestId('message-voice-play').click();
    await expect(bubble.getByTestId('message-voice')).toHaveAttribute('data-playing', 'true');
    // It is heard to its end.
    await expect(bubble.getByTestId('message-voice')).toHaveAttribute('data-playing', 'false');
    await expectAccessible(page, 'voice message');
  });

  await test.step('a film with its cover', async () => {
    const cover = await upload('cover.png', png(64, 48, [20, 160, 90]));
    const film = await upload('film.mp4', await video('mp4'));
    const otherData = { duration: '0:02', poster: cover, videoData: film, showPoster: true };
    await client.sendContent(bert, me.id, 'video', { data: cover, dataType: 'video', otherData });
    const bubble = message('video');
    await expect(bubble.getByTestId('message-video-duration')).toHaveText('0:02');
    await bubble.getByTestId('message-video-poster').click();
    await expect
      .poll(() => bubble.getByTestId('message-video').evaluate((one: HTMLVideoElement) => one.currentTime))
      .toBeGreaterThan(0.5);
  });

  await test.step('a program is opened only after a warning', async () => {
    await magpie.app.evaluate(({ shell }) => {
      const opened: string[] = [];
      Reflect.set(globalThis, 'openedPaths', opened);
      shell.openPath = (path) => {
        opened.push(path);
        return Promise.resolve('');
      };
    });
    const opened = () => magpie.app.evaluate(() => Reflect.get(globalThis, 'openedPaths') as string[]);
    // The server looks at names of uploads; the name that counts here is the one in the message.
    const data = await upload('plan.pdf', Buffer.from('%PDF-1.4\nplan'));
    await client.sendContent(bert, me.id, 'file', {
      data,
      dataType: 'file',
      otherData: { name: 'install.sh' },
    });
    await message('file').getByTestId('message-file-open').click();
    const warning = page.getByRole('alertdialog').or(page.getByRole('dialog'));
    await expect(warning).toContainText('This file can run a program');
    await warning.getByText('Cancel').click();
    await expect(warning).toHaveCount(0);
    expect(await opened()).toEqual([]);
    await message('file').getByTestId('message-file-open').click();
    await page.getByTestId('confirm-ok').click();
    await expect.poll(opened).toEqual([expect.stringMatching(/install\.sh$/u)]);
  });

  await test.step('a film that nothing here can play is a file with its picture, for another program', async () => {
    const damaged = (await video('mp4')).fill(0, 64);
    const cover = await upload('damaged.png', png(64, 48, [200, 60, 60]));
    const otherData = { duration: '0:02', poster: cover, videoData: await upload('damaged.mp4', damaged) };
    await client.sendContent(bert, me.id, 'video', { data: cover, dataType: 'video', otherData });
    const films = page.locator('[data-testid="message"][data-own="false"][data-kind="video"]');
    await expect(films).toHaveCount(2);
    await films.last().getByTestId('message-video-poster').click();
    await expect(films.last().getByTestId('message-file-note')).toContainText('another program');
    await expect(films.last().getByTestId('message-file-poster')).toBeVisible();
    await films.last().getByTestId('message-file-open').click();
    const opened = () => magpie.app.evaluate(() => Reflect.get(globalThis, 'openedPaths') as string[]);
    await expect.poll(opened).toEqual([expect.any(String), expect.stringMatching(/\.mp4$/u)]);
  });

  await test.step('a picture that is gone, and one that lies elsewhere', async () => {
    const gone = (await upload('gone.png', png(30, 30, [1, 2, 3]))).replace(/[^/]+$/u, 'never-there.png');
    for (const [address, state] of [
      [gone, 'gone'],
      ['https://elsewhere.example/a.png', 'refused'],
    ] as const) {
      const otherData = { type: 'image', typedata: { path: address } };
      await client.sendContent(bert, me.id, 'image', { data: address, dataType: 'image', otherData });
      await expect(message('image').getByTestId('media-trouble')).toHaveAttribute('data-trouble', state);
    }
  });
  expect(magpie.problems()).toEqual([]);
});

/** The absolute address, as the reference client sends it. */
async function uploaded(client: PlainClient, from: PlainAccount, name: string, content: Uint8Array) {
  return client.origin + (await client.upload(from, 'chatFiles', name, content));
}
