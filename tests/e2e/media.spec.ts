/** Pictures and files from one app to the other, by the ways people use, whatever happens meanwhile. */
import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Locator, Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { png, type Colour } from '../helpers/files/samples.ts';
import { dragFromOtherWindow } from '../helpers/desktop/drag-from-window.ts';
import { dragFiles, dropFiles, dropPagePart } from '../helpers/desktop/drop-files.ts';
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { addContact, connectTo, openChat, PASSWORD, register, row } from './person.ts';

const RED: Colour = [220, 30, 30];
const GREEN: Colour = [30, 180, 60];
const BLUE: Colour = [40, 60, 220];

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-media-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Two people in front of each other, the first one's chat open. */
async function meet(ann: MagpieProcess, ben: MagpieProcess, origin: string): Promise<void> {
  await connectTo(ann.page, origin);
  await register(ann.page, 'ann_media');
  await connectTo(ben.page, origin);
  await register(ben.page, 'ben_media');
  await addContact(ann.page, 'ben_media');
  await ann.page.getByTestId('rail-chats').click();
  await expect(row(ann.page, 'ben_media')).toBeVisible();
  await openChat(ann.page, 'ben_media');
  await openChat(ben.page, 'ann_media');
}

function received(page: Page, kind: string): Locator {
  return page.locator(`[data-testid="message"][data-own="false"][data-kind="${kind}"]`);
}

/** Waits until this colour is in the middle of what is on screen there; a row that the list replaces is looked at anew. */
async function expectColour(image: Locator, expected: Colour): Promise<void> {
  const difference = async () => {
    if ((await image.getAttribute('data-loaded')) !== 'true') return 255;
    const picture = PNG.sync.read(await image.screenshot({ timeout: 10_000 }));
    const at = ((picture.height >> 1) * picture.width + (picture.width >> 1)) * 4;
    const colour = [...picture.data.subarray(at, at + 3)];
    return Math.max(...expected.map((value, index) => Math.abs((colour[index] ?? 999) - value)));
  };
  await expect.poll(() => difference().catch(() => 255), { timeout: 60_000 }).toBeLessThan(8);
}

test('three pictures dragged out of a file manager arrive in their order', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const server = await startServer();
  const [ann, ben] = [await launchMagpie(), await launchMagpie()];
  await meet(ann, ben, server.origin);
  const paths = [
    await fileOf('red.png', png(400, 200, RED)),
    await fileOf('绿 色.png', png(200, 400, GREEN)),
    await fileOf('blue.png', png(300, 300, BLUE)),
  ];
  const bounds = await ann.app.evaluate(({ BrowserWindow }) => {
    const [window] = BrowserWindow.getAllWindows();
    window?.moveTop();
    window?.focus();
    return window?.getContentBounds();
  });
  const list = await steadyBox(ann.page.getByTestId('message-list').or(ann.page.getByRole('main')).first());
  if (bounds === undefined) throw new Error('no window');
  const to = { x: bounds.x + list.x + list.width / 2, y: bounds.y + list.y + list.height / 2 };
  const action = await dragFromOtherWindow(desktop.env, paths, to, () =>
    ann.page.getByTestId('drop-zone').isVisible(),
  );
  expect(action).toBe('copy');
  await expect(ann.page.getByTestId('drop-zone')).toBeHidden();
  await expect(ann.page.getByTestId('attachment-item')).toHaveCount(3);
  await ann.page.getByTestId('composer-input').fill('three colours');
  await ann.page.getByTestId('composer-input').press('Enter');
  await expect(ann.page.getByTestId('attachment-tray')).toBeHidden();

  const images = received(ben.page, 'image').getByTestId('message-image');
  await expect(images).toHaveCount(3);
  for (const [index, colour] of [RED, GREEN, BLUE].entries()) {
    await expectColour(images.nth(index), colour);
  }
  const kinds = ben.page.locator(
    '[data-testid="message"][data-own="false"]:is([data-kind="image"],[data-kind="text"])',
  );
  await expect(kinds.last().getByTestId('message-text')).toHaveText('three colours');
  await expect(row(ben.page, 'ann_media').getByTestId('conversation-preview')).toHaveText('three colours');

  await test.step('the viewer shows them all', async () => {
    await images.nth(1).locator('xpath=..').press('Enter');
    const viewer = ben.page.getByTestId('media-viewer');
    await expect(viewer.getByTestId('viewer-title')).toContainText('绿 色.png');
    await ben.page.keyboard.press('ArrowRight');
    await expect(viewer.getByTestId('viewer-title')).toContainText('blue.png');
    await ben.page.keyboard.press('+');
    await expect(viewer.getByTestId('viewer-image')).toHaveAttribute('data-zoom', '1.40');
    await ben.page.keyboard.press('Escape');
    await expect(viewer).toBeHidden();
  });

  await test.step('and they open again without a server', async () => {
    await server.stop();
    await ben.relaunch();
    await openChat(ben.page, 'ann_media');
    const again = received(ben.page, 'image').getByTestId('message-image');
    await expectColour(again.first(), RED);
    await expectColour(again.nth(2), BLUE);
  });
  expect([...ann.problems(), ...ben.problems()]).toEqual([]);
});

test('what cannot be sent gets an answer; a drop on a row lands in its chat', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const [ann, ben] = [await launchMagpie(), await launchMagpie()];
  await meet(ann, ben, server.origin);
  await dropFiles(ann.page, '[data-testid="composer-input"]', [await fileOf('empty.txt', Buffer.alloc(0))]);
  await expect(ann.page.getByTestId('toast').filter({ hasText: 'is empty' })).toBeVisible();
  await expect(ann.page.getByTestId('attachment-tray')).toBeHidden();

  const drag = await dragFiles(ann.page, '[data-testid="composer-input"]', [
    await fileOf('held.txt', Buffer.from('held')),
  ]);
  await expect(ann.page.getByTestId('drop-zone')).toBeVisible();
  await drag.leave();
  await expect(ann.page.getByTestId('drop-zone')).toBeHidden();

  await ann.page.getByTestId('rail-contacts').click();
  await ann.page.getByTestId('rail-chats').click();
  const paper = await fileOf('report.pdf', Buffer.from('%PDF-1.4\nhello'));
  await dropFiles(ann.page, '[data-testid="conversation-row"]', [paper]);
  await expect(ann.page.getByTestId('attachment-item')).toHaveCount(1);
  await ann.page.getByTestId('composer-send').click();
  const file = received(ben.page, 'file');
  await expect(file.getByTestId('message-file-name')).toHaveText('report.pdf');
  await file.getByTestId('message-file-save').click();
  const downloads = await ben.app.evaluate(({ app }) => app.getPath('downloads'));
  await expect
    .poll(() => readFile(join(downloads, 'report.pdf'), 'utf8').catch(() => ''))
    .toBe('%PDF-1.4\nhello');
});

test('parts of a page are dragged in: a picture that is all there, addresses of others, words', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const [ann, ben] = [await launchMagpie(), await launchMagpie()];
  await meet(ann, ben, server.origin);
  const { page } = ann;
  const input = page.getByTestId('composer-input');
  const CHAT = '[data-testid="composer-input"]';
  const inside = `data:image/png;base64,${png(90, 60, GREEN).toString('base64')}`;
  await dropPagePart(page, CHAT, { 'text/uri-list': inside, 'text/html': `<img src="${inside}">` });
  await expect(page.getByTestId('attachment-item')).toHaveCount(1);

  // No picture is asked for elsewhere: what there is of it is its address.
  const picture = 'https://pictures.example/a.jpg';
  await dropPagePart(page, CHAT, { 'text/uri-list': picture, 'text/html': `<img alt="" src="${picture}">` });
  await expect(input).toHaveValue(picture);
  await expect(page.getByTestId('toast').filter({ hasText: 'is not fetched from here' })).toBeVisible();
  await expect(page.getByTestId('attachment-item')).toHaveCount(1);
  await input.press('Enter');
  await expectColour(received(ben.page, 'image').getByTestId('message-image'), GREEN);
  await expect(received(ben.page, 'text').getByTestId('message-text')).toHaveText(picture);

  await page.getByTestId('rail-contacts').click();
  await page.getByTestId('rail-chats').click();
  const link = 'https://pages.example/news';
  await dropPagePart(page, '[data-testid="conversation-row"]', {
    ...{ 'text/uri-list': link, 'text/html': `<a href="${link}">News</a>`, 'text/plain': 'News' },
  });
  await expect(page.getByTestId('chat-title')).toContainText('ben_media');
  await expect(input).toHaveValue(link);
  expect(ann.problems()).toEqual([]);
});

test('200 MB arrive byte by byte although the network is cut twice and the app killed once', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const bert = new PlainClient(server.origin);
  const account = await bert.register('bert_plain');
  const { startFaultProxy } = await import('../helpers/fault-proxy.ts');
  const MB = 1024 * 1024;
  let pieces = 0;
  // Two lines break in the middle of a piece, and later nothing goes on: so the kill comes half-way on any machine.
  const proxy = await startFaultProxy({
    target: () => Number(new URL(server.origin).port),
    fate: () => ({ stallFor: 300_000, ...(proxy.faults['cut up'] < 2 ? { cutUpAfter: 5 * MB } : {}) }),
    holds: (head) => head.startsWith('PUT ') && ++pieces >= 14,
  });
  await connectTo(ann.page, proxy.origin);
  await register(ann.page, 'ann_large');
  await addContact(ann.page, 'bert_plain');
  await openChat(ann.page, 'bert_plain');

  const content = Buffer.alloc(200 * MB);
  for (let index = 0; index < content.length; index += 4096) content.writeUInt32LE(index, index);
  const path = await fileOf('large.bin', content);
  await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
  await ann.page.getByTestId('composer-input').press('Enter');
  await expect.poll(() => proxy.faults.stall, { timeout: 120_000 }).toBeGreaterThan(0);
  expect(proxy.faults['cut up']).toBeGreaterThanOrEqual(2);
  await expect(ann.page.getByTestId('upload-progress')).toHaveAttribute('aria-valuenow', /^[1-9]\d$/u);
  await ann.kill();
  proxy.heal();
  // The original goes: what was accepted is kept by the app.
  await rm(path);
  await ann.relaunch();
  const socket = await bert.connect(account);
  await bert.flushOffline(account);
  await socket.until(() => socket.messages.some((message) => message['type'] === 'file'), 120_000);
  const message = socket.messages.find((one) => one['type'] === 'file');
  const { data, otherData } = JSON.parse(String(message?.['data'])) as {
    data: string;
    otherData: { name: string; size: number };
  };
  expect(otherData).toMatchObject({ name: 'large.bin', size: content.length });
  const answer = await fetch(data.replace(proxy.origin, server.origin), {
    headers: { token: account.token },
  });
  const hash = createHash('sha256');
  if (answer.body === null) throw new Error('no body');
  for await (const chunk of Readable.fromWeb(answer.body as never)) hash.update(chunk as Uint8Array);
  expect(hash.digest('hex')).toBe(createHash('sha256').update(content).digest('hex'));
  expect(socket.messages.filter((one) => one['type'] === 'file')).toHaveLength(1);
  // Whoever began anew after a cut or the kill would have sent far more; what was on the broken lines is little.
  expect(proxy.sentUp).toBeGreaterThanOrEqual(content.length);
  expect(proxy.sentUp).toBeLessThan(1.4 * content.length);
  await socket.close();
  await proxy.close();
});

test('cancelling an upload leaves nothing, here or there', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const ann = await launchMagpie();
  await new PlainClient(server.origin).register('bert_plain', PASSWORD);
  const { startFaultProxy } = await import('../helpers/fault-proxy.ts');
  let pieces = 0;
  // The line stands still before the end: whoever cancels is never too late.
  const proxy = await startFaultProxy({
    target: () => Number(new URL(server.origin).port),
    fate: () => ({ stallFor: 300_000 }),
    holds: (head) => head.startsWith('PUT ') && ++pieces >= 3,
  });
  await connectTo(ann.page, proxy.origin);
  await register(ann.page, 'ann_cancel');
  await addContact(ann.page, 'bert_plain');
  await openChat(ann.page, 'bert_plain');
  const content = Buffer.alloc(120 * 1024 * 1024, 7);
  await dropFiles(ann.page, '[data-testid="composer-input"]', [await fileOf('large.bin', content)]);
  await ann.page.getByTestId('composer-input').press('Enter');
  await expect(ann.page.getByTestId('upload-progress')).toBeVisible();
  await ann.page.getByTestId('upload-cancel').click();
  await expect(ann.page.locator('[data-testid="message"][data-kind="file"]')).toHaveCount(0);
  const left = async (root: string) => {
    const names = await readdir(root, { recursive: true, withFileTypes: true }).catch(() => []);
    return names.filter((entry) => entry.isFile()).map(({ name }) => name);
  };
  await expect.poll(() => left(join(server.dataFolder, 'files'))).toEqual([]);
  const [account] = await readdir(join(ann.profileDir, 'accounts'));
  await expect
    .poll(() => left(join(ann.profileDir, 'accounts', account ?? '', 'media', 'outgoing')))
    .toEqual([]);
  await proxy.close();
});
