/** What the viewer does with a picture and a film: turned, pulled, copied, saved, played, dragged out. */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Locator } from '@playwright/test';
import { PNG } from 'pngjs';
import { dragToOtherWindow } from '../helpers/desktop/drag-to-window.ts';
import { dropFiles } from '../helpers/desktop/drop-files.ts';
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { pressKeys, readClipboard } from '../helpers/desktop/x11.ts';
import { png, video } from '../helpers/files/samples.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, PASSWORD, register } from './person.ts';

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-viewer-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

/** How far each edge of the picture lies outside of the room around it: negative where it is inside. Pixels. */
const beyond = (image: Locator) =>
  image.evaluate((element) => {
    const room = element.parentElement?.getBoundingClientRect() ?? new DOMRect();
    const { left, top, right, bottom } = element.getBoundingClientRect();
    const edges = { left: room.left - left, top: room.top - top };
    return { ...edges, right: right - room.right, bottom: bottom - room.bottom };
  });
const farthest = async (image: Locator) => Math.max(...Object.values(await beyond(image)));

test('the viewer turns, enlarges, copies and saves a picture, plays a film by key and lets it be dragged out', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { page } = ann;
  await new PlainClient(server.origin).register('bert_plain', PASSWORD);
  await connectTo(page, server.origin);
  await register(page, 'ann_viewer');
  await addContact(page, 'bert_plain');
  await openChat(page, 'bert_plain');
  const [picture, film] = [png(1800, 420, [200, 40, 90]), await video('webm')];
  const paths = [join(folder, 'wide.png'), join(folder, 'clip.webm')];
  await writeFile(paths[0] ?? '', picture);
  await writeFile(paths[1] ?? '', film);
  await dropFiles(page, '[data-testid="composer-input"]', paths);
  await expect(page.getByTestId('attachment-item')).toHaveCount(2);
  await page.getByTestId('composer-send').click();
  const own = (kind: string) => page.locator(`[data-testid="message"][data-own="true"][data-kind="${kind}"]`);
  for (const kind of ['image', 'video'])
    await expect(own(kind)).toHaveAttribute('data-status', 'sent', { timeout: 60_000 });

  await own('image').getByTestId('message-image').click();
  const viewer = page.getByTestId('media-viewer');
  const image = viewer.getByTestId('viewer-image');
  await expect.poll(() => image.evaluate((one: HTMLImageElement) => one.naturalWidth)).toBe(1800);

  await test.step('turned, it is seen as a whole', async () => {
    await expect.poll(() => farthest(image)).toBeLessThan(1);
    await page.keyboard.press('r');
    await expect
      .poll(() => image.evaluate((one) => ((box) => box.height / box.width)(one.getBoundingClientRect())))
      .toBeCloseTo(1800 / 420, 1);
    await expect.poll(() => farthest(image)).toBeLessThan(1);
    // And as large as that: it fills the height.
    await expect.poll(async () => (await beyond(image)).top).toBeGreaterThan(-1);
  });

  await test.step('enlarged, it is pulled to its edge and no further', async () => {
    for (const key of ['+', '+', '+']) await page.keyboard.press(key);
    await expect(image).toHaveAttribute('data-zoom', '2.74');
    const room = await steadyBox(viewer.locator('div:has(> [data-testid="viewer-image"])'));
    const middle = { x: room.x + room.width / 2, y: room.y + room.height / 2 };
    await page.mouse.move(middle.x, middle.y);
    await page.mouse.down();
    await page.mouse.move(middle.x, room.y + room.height + 4000, { steps: 3 });
    await page.mouse.up();
    await expect.poll(async () => Math.abs((await beyond(image)).top)).toBeLessThan(1);
    await page.keyboard.press('-');
    await expect(image).toHaveAttribute('data-zoom', '1.96');
    await page.keyboard.press('0');
    await expect(image).toHaveAttribute('data-zoom', '1.00');
  });

  await test.step('copied and saved, it is as it came', async () => {
    await page.keyboard.press('Control+c');
    const copied = async () => {
      const { width, height } = PNG.sync.read(await readClipboard(desktop.env, 'image/png'));
      return [width, height];
    };
    await expect.poll(() => copied().catch(() => [])).toEqual([1800, 420]);
    const target = join(folder, 'saved.png');
    await ann.app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, target);
    await page.keyboard.press('Control+s');
    await expect
      .poll(() =>
        readFile(target).then(
          (bytes) => bytes.equals(picture),
          () => false,
        ),
      ) // prettier-ignore
      .toBe(true);
  });

  await test.step('a film waits until somebody starts it', async () => {
    await page.keyboard.press('ArrowRight');
    const player = viewer.getByTestId('viewer-film');
    const paused = () => player.evaluate((one: HTMLVideoElement) => one.paused);
    await expect.poll(() => player.evaluate((one: HTMLVideoElement) => one.readyState)).toBeGreaterThan(1);
    expect(await paused()).toBe(true);
    await page.keyboard.press('Space');
    await expect.poll(() => player.evaluate((one: HTMLVideoElement) => one.played.length)).toBeGreaterThan(0);
    // A short one begins again by itself, so it goes on until it is stopped.
    expect(await player.evaluate((one: HTMLVideoElement) => one.loop)).toBe(true);
    await page.keyboard.press('k');
    await expect.poll(paused).toBe(true);
  });

  await page.keyboard.press('Escape');
  await expect(viewer).toBeHidden();
  await page.keyboard.press('Control+/');
  await expect(page.getByTestId('shortcut-sheet')).toContainText('Play or pause the video');
  await page.keyboard.press('Escape');
  await expect(page.getByTestId('shortcut-sheet')).toBeHidden();

  await test.step('chosen in the conversation, it plays at once', async () => {
    await own('video').hover();
    await own('video').getByTestId('message-video-viewer').click();
    const player = viewer.getByTestId('viewer-film');
    await expect.poll(() => player.evaluate((one: HTMLVideoElement) => one.paused)).toBe(false);
  });

  await test.step('its file falls out of the viewer, which closes then', async () => {
    const player = viewer.getByTestId('viewer-film');
    const bounds = await ann.app.evaluate(({ BrowserWindow }) => {
      const [window] = BrowserWindow.getAllWindows();
      window?.moveTop();
      window?.focus();
      return window?.getContentBounds();
    });
    const box = await steadyBox(player);
    if (bounds === undefined) throw new Error('nothing to drag');
    const [path = ''] = await dragToOtherWindow(desktop.env, {
      x: bounds.x + box.x + box.width / 2,
      // Above its controls.
      y: bounds.y + box.y + 4,
    });
    expect((await readFile(path)).equals(film)).toBe(true);
    // The hand comes back to the window.
    await pressKeys(
      desktop.env,
      ...['mousemove', String(Math.round(bounds.x + box.x)), String(Math.round(bounds.y + box.y - 40))],
    );
    await page.mouse.move(box.x, box.y - 40);
    await viewer.getByTestId('viewer-close').click();
    await expect(viewer).toBeHidden();
  });
  expect(ann.problems()).toEqual([]);
});
