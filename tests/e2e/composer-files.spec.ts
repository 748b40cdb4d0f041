/** How things get into a message: folders, pictures that could be text, pictures that go at once. */
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { dropFiles } from '../helpers/desktop/drop-files.ts';
import { offerOnClipboard, pressKeys } from '../helpers/desktop/x11.ts';
import { heic } from '../helpers/files/avif.ts';
import { CAMERA } from '../helpers/files/photo.ts';
import { png } from '../helpers/files/samples.ts';
import { unpack } from '../helpers/files/unpack.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { load } from './load.ts';
import { addContact, connectTo, openChat, register } from './person.ts';

const FIELD = '[data-testid="composer-input"]';
let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-composer-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

/** Somebody at their chat with a friend who uses a plain client. */
async function atChat(magpie: MagpieProcess, origin: string, name: string) {
  const client = new PlainClient(origin);
  const friend = await client.register('ben_plain');
  await connectTo(magpie.page, origin);
  await register(magpie.page, name);
  await addContact(magpie.page, 'ben_plain');
  await openChat(magpie.page, 'ben_plain');
  const socket = await client.connect(friend);
  const received = (type: string) =>
    socket.messages
      .filter((one) => one['type'] === type)
      .map((one) => JSON.parse(String(one['data'])) as { data: string; otherData: { name?: string } });
  /** Who wrote; known once something came. */
  const peer = () => Number(socket.messages.find((one) => one['type'] === 'file')?.['from_id']);
  return { client, friend, peer, received };
}

test('files copied in a file manager are pasted; the tray is put in order by hand and by key', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const { received } = await atChat(magpie, server.origin, 'ann_order');
  const paths = ['one.txt', 'zwei 二.txt', 'three.txt'].map((name) => join(folder, name));
  for (const path of paths) await writeFile(path, `in ${path}`);
  const list = paths.map((path) => `${pathToFileURL(path).href}\r\n`).join('');
  const clipboard = await offerOnClipboard(desktop.env, { 'text/uri-list': list });
  await magpie.window.focus();
  await page.locator(FIELD).click();
  await pressKeys(desktop.env, 'key', 'ctrl+v');
  const items = page.getByTestId('attachment-item');
  await expect(items).toHaveCount(3);
  clipboard.stop();
  const order = async () => {
    const labels = await items.evaluateAll((all) => all.map((one) => one.getAttribute('aria-label') ?? ''));
    return labels.map((label) => label.split('.')[0]);
  };
  await expect.poll(order).toEqual(['one', 'zwei 二', 'three']);
  await items.nth(0).dragTo(items.nth(2));
  await expect.poll(order).toEqual(['zwei 二', 'three', 'one']);
  await expect(page.getByTestId('drop-zone')).toBeHidden();
  await items.nth(2).focus();
  await page.keyboard.press('Alt+ArrowLeft');
  await expect.poll(order).toEqual(['zwei 二', 'one', 'three']);
  // It keeps the focus while it moves.
  await page.keyboard.press('Alt+ArrowLeft');
  await expect.poll(order).toEqual(['one', 'zwei 二', 'three']);
  await page.getByTestId('composer-send').click();
  await expect
    .poll(() => received('file').map(({ otherData }) => otherData.name), { timeout: 30_000 })
    .toEqual(['one.txt', 'zwei 二.txt', 'three.txt']);
  expect(magpie.problems()).toEqual([]);
});

test('a folder is sent file by file, or as an archive', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const { friend, received } = await atChat(magpie, server.origin, 'ann_folder');
  const trip = join(folder, '旅行 trip');
  await mkdir(join(trip, 'day one'), { recursive: true });
  await writeFile(join(trip, 'plan.txt'), 'up the hill');
  await writeFile(join(trip, 'day one', 'notes.txt'), 'it rained');
  const dialog = page.getByTestId('folder-dialog');

  await dropFiles(page, FIELD, [trip]);
  await expect(dialog).toContainText('旅行 trip');
  await expect(dialog).toContainText('2 files');
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expectAccessible(page, 'folder');
  await page.keyboard.press('Escape');
  await expect(dialog).toHaveCount(0);
  await expect(page.getByTestId('attachment-item')).toHaveCount(0);
  await expect(page.locator(FIELD)).toBeFocused();

  await dropFiles(page, FIELD, [trip]);
  await dialog.getByTestId('folder-files').click();
  await expect(page.getByTestId('attachment-item')).toHaveCount(2);
  await page.getByTestId('composer-send').click();
  await expect
    .poll(() => received('file').map(({ otherData }) => otherData.name), { timeout: 30_000 })
    .toEqual(['notes.txt', 'plan.txt']);

  await dropFiles(page, FIELD, [trip]);
  await dialog.getByTestId('folder-zip').click();
  await expect(page.getByTestId('attachment-item')).toContainText('旅行 trip.zip');
  await expect(dialog).toHaveCount(0);
  await page.getByTestId('composer-send').click();
  await expect.poll(() => received('file').length, { timeout: 30_000 }).toBe(3);
  const sent = received('file')[2];
  expect(sent?.otherData.name).toBe('旅行 trip.zip');
  const answer = await fetch(sent?.data ?? '', { headers: { token: friend.token } });
  expect(await unpack(Buffer.from(await answer.arrayBuffer()))).toEqual({
    '旅行 trip/plan.txt': 'up the hill',
    '旅行 trip/day one/': '',
    '旅行 trip/day one/notes.txt': 'it rained',
  });

  await test.step('one that is picked in the dialog of the system as well', async () => {
    await page.getByTestId('composer-folder-input').setInputFiles(trip);
    await expect(dialog).toContainText('2 files');
    await dialog.getByTestId('folder-zip').click();
    await expect(page.getByTestId('attachment-item')).toContainText('旅行 trip.zip');
    await page.getByTestId('attachment-remove').click();
    await expect(page.getByTestId('attachment-item')).toHaveCount(0);
  });

  await mkdir(join(folder, 'nothing'));
  await dropFiles(page, FIELD, [join(folder, 'nothing')]);
  await expect(dialog.getByTestId('folder-files')).toBeDisabled();
  await dialog.getByTestId('folder-zip').click();
  await expect(page.getByTestId('toast').filter({ hasText: 'no files' })).toBeVisible();
  await expect(dialog).toHaveCount(0);
  expect(magpie.problems()).toEqual([]);
});

test('a picture of a text can be pasted as that text; pictures go at once for those who want it', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const { received } = await atChat(magpie, server.origin, 'ann_office');
  const picture = png(300, 80, [200, 220, 240]).toString('base64');
  /** As office programs offer what was copied there: a picture, and its text. */
  const paste = (text: string) =>
    page.locator(FIELD).evaluate(
      (field, copied) => {
        const data = new DataTransfer();
        const bytes = Uint8Array.from(atob(copied.picture), (letter) => letter.charCodeAt(0));
        data.items.add(new File([bytes], 'image.png', { type: 'image/png' }));
        if (copied.text !== '') data.setData('text/plain', copied.text);
        field.focus();
        field.dispatchEvent(
          new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }),
        );
      },
      { text, picture },
    );
  const tray = page.getByTestId('attachment-item');
  const asText = page.getByTestId('paste-as-text');

  await paste('Total\t42');
  await expect(tray).toHaveCount(1);
  await expect(asText).toBeVisible();
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await expectAccessible(page, 'picture that could be text');
  await asText.click();
  await expect(page.locator(FIELD)).toHaveValue('Total\t42');
  await expect(tray).toHaveCount(0);
  await expect(asText).toHaveCount(0);
  await page.locator(FIELD).fill('');

  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-pictures-at-once').click();
  await openChat(page, 'ben_plain');
  // There is a choice to be made first.
  await paste('Total\t43');
  await expect(asText).toBeVisible();
  await tray.getByTestId('attachment-remove').click();
  await expect(asText).toHaveCount(0);

  await paste('');
  await expect.poll(() => received('image').length, { timeout: 30_000 }).toBe(1);
  await expect(tray).toHaveCount(0);
  const drawing = join(folder, 'drawing.png');
  await writeFile(drawing, png(200, 200, [20, 120, 60]));
  await dropFiles(page, FIELD, [drawing]);
  await expect.poll(() => received('image').length, { timeout: 30_000 }).toBe(2);
  const paper = join(folder, 'paper.txt');
  await writeFile(paper, 'not a picture');
  await dropFiles(page, FIELD, [paper]);
  await expect(tray).toHaveCount(1);
  expect(received('file')).toEqual([]);
  expect(magpie.problems()).toEqual([]);
});

test('a picture that nothing here can draw is a file that tells nothing of the camera, unless it is to go as it is', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  const { page } = magpie;
  const { client, friend, peer, received } = await atChat(magpie, server.origin, 'ann_heic');
  const photo = heic(CAMERA);
  const path = join(folder, 'IMG_0001.HEIC');
  await writeFile(path, photo);

  await dropFiles(page, FIELD, [path]);
  const waiting = page.getByTestId('attachment-item');
  await expect(waiting.getByTestId('attachment-phone-picture')).toBeVisible();
  await expect(waiting.locator('img')).toHaveCount(0);
  const form = waiting.getByTestId('attachment-form');
  await expect(form).toHaveValue('picture');
  await page.getByTestId('composer-send').click();
  await expect.poll(() => received('file').length, { timeout: 30_000 }).toBe(1);
  const own = page.locator('[data-testid="message"][data-own="true"]');
  await expect(own.and(page.locator('[data-kind="file"]'))).toHaveCount(1);
  await expect(own.getByTestId('message-phone-picture')).toContainText('HEIC');
  const bytesOf = async (count: number) =>
    (await load(received('file')[count - 1]?.data ?? '', friend)).bytes;
  const quiet = await bytesOf(1);
  expect(photo.includes(CAMERA)).toBe(true);
  expect([quiet.length, quiet.includes(CAMERA)]).toEqual([photo.length, false]);

  await dropFiles(page, FIELD, [path]);
  await expect(waiting.getByTestId('attachment-phone-picture')).toBeVisible();
  await form.selectOption('file');
  await page.getByTestId('composer-send').click();
  await expect.poll(() => received('file').length, { timeout: 30_000 }).toBe(2);
  expect((await bytesOf(2)).equals(photo)).toBe(true);

  // Others call it a picture: it can still be opened with another program.
  const url = await client.upload(friend, 'chatImgs', 'words.txt', Buffer.from('no picture at all'));
  await client.sendImage(friend, peer(), url);
  const strange = page.locator('[data-testid="message"][data-own="false"][data-kind="image"]');
  await expect(strange.getByTestId('message-file')).toBeVisible({ timeout: 30_000 });
  await expect(strange.getByTestId('message-file-save')).toBeVisible();
});
