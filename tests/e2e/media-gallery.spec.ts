/** Pictures that wait to be made ready, and those of a whole conversation: looked through, passed on, taken out. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { imageSize } from 'image-size';
import type { Locator } from '@playwright/test';
import { dragToOtherWindow } from '../helpers/desktop/drag-to-window.ts';
import { dropFiles } from '../helpers/desktop/drop-files.ts';
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { CAMERA, sidewaysPhoto } from '../helpers/files/photo.ts';
import { png } from '../helpers/files/samples.ts';
import { ServerProcess } from '../helpers/server-process.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { addContact, connectTo, openChat, PASSWORD, register, row } from './person.ts';

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-gallery-'));
});
let busy: ServerProcess | undefined;
test.afterEach(async () => {
  await rm(folder, { recursive: true, force: true });
  await busy?.dispose();
  busy = undefined;
});

/** A server that lets one person say very much at once. */
async function patientServer(): Promise<ServerProcess> {
  busy = await ServerProcess.start(['--requests-per-second', '0', '--sends-per-second', '0']);
  return busy;
}

/** How many files of the app wait to be made ready for sending. */
const unprepared = ({ page }: MagpieProcess): Promise<number> =>
  page.evaluate(async () => {
    const { magpie } = window as unknown as {
      magpie: { invoke(channel: string): Promise<{ ok: true; value: unknown[] }> };
    };
    return (await magpie.invoke('preparations:list')).value.length;
  });

test('large photos stand in the conversation before they are ready, and arrive although the app is killed then', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const bert = new PlainClient(server.origin);
  const account = await bert.register('bert_plain');
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_instant');
  await addContact(ann.page, 'bert_plain');
  await openChat(ann.page, 'bert_plain');
  const photo = await sidewaysPhoto(4000, 3000, true);
  const paths = ['one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight'].map((name) =>
    join(folder, `${name}.jpg`),
  );
  for (const path of paths) await writeFile(path, photo);
  await ann.page.getByTestId('composer-input').fill('seven of them');
  await dropFiles(ann.page, '[data-testid="composer-input"]', paths);
  await expect(ann.page.getByTestId('attachment-item')).toHaveCount(8);
  await ann.page.getByTestId('composer-input').press('Enter');
  const own = ann.page.locator('[data-testid="message"][data-own="true"]');
  await expect(own.last().getByTestId('message-text')).toHaveText('seven of them');
  const last = own.filter({ has: ann.page.getByRole('img', { name: 'Picture eight.jpg' }) });
  // Upright, so it is higher than wide, and seen.
  await expect(last.getByTestId('message-image')).toHaveAttribute('data-loaded', 'true');
  await expect
    .poll(() => last.getByTestId('message-image').evaluate((image) => image.clientHeight - image.clientWidth))
    .toBeGreaterThan(0);
  // One is given up before it was ready: nothing of it may arrive.
  await last.getByTestId('upload-cancel').dispatchEvent('click');
  await expect(last).toHaveCount(0);
  expect(await unprepared(ann), 'the kill comes before the end of the work').toBeGreaterThan(0);
  await ann.kill();
  // What was accepted is kept by the app.
  for (const path of paths) await rm(path);
  await ann.relaunch();

  const socket = await bert.connect(account);
  await bert.flushOffline(account);
  await socket.until(() => socket.messages.some((one) => one['type'] === 'text'), 90_000);
  const types = socket.messages.map((one) => one['type']).filter((type) => type !== 'systemNotice');
  expect(types).toEqual([...Array.from({ length: 7 }, () => 'image'), 'text']);
  for (const message of socket.messages.filter((one) => one['type'] === 'image')) {
    const { data } = JSON.parse(String(message['data'])) as { data: string };
    const answer = await fetch(data, { headers: { token: account.token } });
    const bytes = Buffer.from(await answer.arrayBuffer());
    const { width, height, orientation } = imageSize(bytes);
    expect([width, height, orientation]).toEqual([1920, 2560, undefined]);
    expect(bytes.includes(CAMERA)).toBe(false);
  }
  await expect.poll(() => unprepared(ann)).toBe(0);
  await socket.close();
});

/** Ann at a chat in which Bert has sent so many pictures, numbered by their widths, and a file. */
async function atManyPictures(ann: MagpieProcess, origin: string, count: number) {
  const bert = new PlainClient(origin);
  const account = await bert.register('bert_many', PASSWORD);
  await connectTo(ann.page, origin);
  await register(ann.page, 'ann_many');
  await addContact(ann.page, 'bert_many');
  await bert.register('carl_many', PASSWORD);
  const annId = Number(
    await ann.page.evaluate(async () => {
      const { magpie } = window as unknown as {
        magpie: { invoke(channel: string): Promise<{ value: { session: { account: { id: number } } } }> };
      };
      return (await magpie.invoke('app:get-snapshot')).value.session.account.id;
    }),
  );
  const paper = await bert.upload(account, 'chatFiles', 'plan.pdf', Buffer.from('%PDF-1.4\nplan'));
  await bert.sendFile(account, annId, paper, 'plan.pdf');
  for (let index = 1; index <= count; index += 1) {
    const url = await bert.upload(
      account,
      'chatImgs',
      `p${index}.png`,
      png(200 + index, 150, [index, 90, 200]),
    );
    await bert.sendImage(account, annId, url);
  }
  await openChat(ann.page, 'bert_many');
}

const widthOf = (image: Locator): Promise<number> =>
  image.evaluate((element: HTMLImageElement) => element.naturalWidth).catch(() => 0);

test('the viewer goes through all pictures of a conversation, passes them on and lets them be dragged out', async ({
  launchMagpie,
  desktop,
}) => {
  const server = await patientServer();
  const ann = await launchMagpie();
  const { page } = ann;
  await atManyPictures(ann, server.origin, 90);
  await page.getByTestId('rail-contacts').click();
  await addContact(page, 'carl_many');
  await page.getByTestId('rail-chats').click();
  await openChat(page, 'carl_many');
  await openChat(page, 'bert_many');
  const images = page.locator('[data-testid="message"][data-kind="image"]').getByTestId('message-image');
  await expect(images.last()).toHaveAttribute('data-loaded', 'true');
  await expect.poll(() => widthOf(images.last())).toBe(290);

  await images.last().locator('xpath=..').press('Enter');
  const viewer = page.getByTestId('media-viewer');
  await expect(viewer.getByTestId('viewer-place')).toHaveText('90 of 90');
  for (let step = 0; step < 80; step += 1) await page.keyboard.press('ArrowLeft');
  await expect(viewer.getByTestId('viewer-place')).toHaveText('10 of 90');
  await expect.poll(() => widthOf(viewer.getByTestId('viewer-image'))).toBe(210);

  await page.keyboard.press('f');
  const dialog = page.getByTestId('forward-dialog');
  await dialog.locator('[data-name="carl_many"]').click();
  await dialog.getByTestId('forward-send').click();
  await expect(dialog).toBeHidden();
  await openChat(page, 'carl_many');
  const passed = page.locator('[data-testid="message"][data-own="true"][data-kind="image"]');
  await expect(passed).toHaveAttribute('data-status', 'sent');
  await expect.poll(() => widthOf(passed.getByTestId('message-image'))).toBe(210);

  await test.step('its file falls out of the window under its own name', async () => {
    const bounds = await ann.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.moveTop();
      window?.focus();
      return window?.getContentBounds();
    });
    const box = await steadyBox(passed.getByTestId('message-image'));
    if (bounds === undefined) throw new Error('nothing to drag');
    const [path = '', ...more] = await dragToOtherWindow(desktop.env, {
      x: bounds.x + box.x + box.width / 2,
      y: bounds.y + box.y + box.height / 2,
    });
    expect(more).toEqual([]);
    expect(basename(path)).toMatch(/\.png$/u);
    expect((await readFile(path)).equals(png(210, 150, [10, 90, 200]))).toBe(true);
  });
  expect(ann.problems()).toEqual([]);
});

test('the panel lists pictures by month and files, and leads to where they were sent', async ({
  launchMagpie,
}) => {
  const server = await patientServer();
  const ann = await launchMagpie();
  const { page } = ann;
  await atManyPictures(ann, server.origin, 150);
  await page.getByTestId('chat-details').click();
  await page.getByTestId('details-media').click();
  const panel = page.getByTestId('media-panel');
  const tiles = panel.getByTestId('media-tile');
  await expect(tiles.first()).toHaveAttribute('data-loaded', 'true');
  // Only what is in view is there: a row of the list is no row of the page.
  await expect.poll(() => tiles.count()).toBeLessThan(60);
  await expect(panel.getByRole('heading', { level: 3 }).first()).toHaveText(
    new Intl.DateTimeFormat('en', { year: 'numeric', month: 'long' }).format(Date.now()),
  );
  const oldest = panel.locator('[data-testid="media-tile"]').last();
  await tiles.first().hover();
  await expect
    .poll(async () => {
      await page.mouse.wheel(0, 4_000);
      return widthOf(oldest.locator('img').last());
    })
    .toBe(201);
  const id = await oldest.getAttribute('data-message-id');
  await oldest.hover();
  await panel.getByTestId('media-tile-show').last().click();
  const message = page.locator(`[data-testid="message"][data-message-id="${id}"]`);
  await expect(message).toBeInViewport();
  await expect(message).toHaveAttribute('data-pointed-at', 'true');

  await panel.getByTestId('media-tab-files').click();
  const file = panel.getByTestId('media-file');
  await expect(file).toHaveCount(1);
  await expect(file).toContainText('plan.pdf');
  await expect(file).toContainText('bert_many');
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(page.getByTestId('details-media')).toBeFocused();
  await expect(row(page, 'bert_many')).toBeVisible();
  expect(ann.problems()).toEqual([]);
});
