/** Every kind of thing that people send: pasted pictures, photos with a place in them, films, voice, emoji and stickers. */
import { randomFillSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { imageSize } from 'image-size';
import { PNG } from 'pngjs';
import { dropFiles } from '../helpers/desktop/drop-files.ts';
import { withoutMetadata } from '../../electron/main/media/picture-metadata.ts';
import { offerOnClipboard, pressKeys } from '../helpers/desktop/x11.ts';
import { avif } from '../helpers/files/avif.ts';
import { CAMERA, sidewaysPhoto, withLateExif } from '../helpers/files/photo.ts';
import { png, video, type Colour } from '../helpers/files/samples.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test, type MagpieProcess } from './fixtures.ts';
import { load } from './load.ts';
import { addContact, connectTo, openChat, register, row } from './person.ts';

const PURPLE: Colour = [140, 40, 200];

let folder = '';
test.beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-kinds-'));
});
test.afterEach(() => rm(folder, { recursive: true, force: true }));

async function fileOf(name: string, content: Uint8Array): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, content);
  return path;
}

/** Ann at her chat with Bert, who uses a plain client. */
async function withPlainFriend(ann: MagpieProcess, origin: string, name: string) {
  const bert = new PlainClient(origin);
  const account = await bert.register('bert_plain');
  await connectTo(ann.page, origin);
  await register(ann.page, name);
  await addContact(ann.page, 'bert_plain');
  await openChat(ann.page, 'bert_plain');
  const socket = await bert.connect(account);
  /** The content of the newest message of a type, once it is there. */
  const received = async (type: string) => {
    await socket.until(() => socket.messages.some((one) => one['type'] === type), 90_000);
    const message = socket.messages.findLast((one) => one['type'] === type);
    return JSON.parse(String(message?.['data'])) as { data: string; otherData: Record<string, unknown> };
  };
  return { bert, account, socket, received };
}

test('a picture on the clipboard of the system is pasted with the keyboard and arrives', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { account, received, socket } = await withPlainFriend(ann, server.origin, 'ann_paste');
  const clipboard = await offerOnClipboard(desktop.env, { 'image/png': png(320, 200, PURPLE) });
  await ann.window.focus();
  await ann.page.getByTestId('composer-input').click();
  await pressKeys(desktop.env, 'key', 'ctrl+v');
  await expect(ann.page.getByTestId('attachment-item')).toHaveCount(1);
  clipboard.stop();
  await ann.page.getByTestId('composer-input').press('Enter');
  const { data } = await received('image');
  const picture = PNG.sync.read((await load(data, account)).bytes);
  expect([picture.width, picture.height]).toEqual([320, 200]);
  expect([...picture.data.subarray(0, 3)]).toEqual([...PURPLE]);
  await socket.close();
});

test('a photo is sent upright, smaller and without the place; as original and as file every byte of it', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { account, socket } = await withPlainFriend(ann, server.origin, 'ann_photo');
  const photo = await sidewaysPhoto(3000, 2000);
  expect(photo.includes(CAMERA)).toBe(true);
  const path = await fileOf('photo.jpg', photo);
  const choice = ann.page.getByTestId('attachment-form');
  const sizes = ann.page.getByTestId('attachment-size');
  /** @param before how it would go if nobody chose: as the last one of this account */
  const send = async (
    form: 'picture' | 'original' | 'file',
    type: string,
    count: number,
    before: 'picture' | 'original',
  ) => {
    await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
    await expect(choice).toHaveValue(before);
    await choice.selectOption(form);
    // What compressing saves is told where it is done.
    if (form === 'picture') await expect(sizes).toHaveText(/B → \d+ kB$/u);
    else await expect(sizes).toHaveText(/^[^→]+$/u);
    await ann.page.getByTestId('composer-input').press('Enter');
    const ofType = () => socket.messages.filter((one) => one['type'] === type);
    await socket.until(() => ofType().length === count, 90_000);
    return JSON.parse(String(ofType().at(-1)?.['data'])) as {
      data: string;
      otherData: { magpie: { width: number; height: number; size: number; preview: string; thumb?: string } };
    };
  };

  const picture = await send('picture', 'image', 1, 'picture');
  const sent = (await load(picture.data, account)).bytes;
  const { width, height, size, preview } = picture.otherData.magpie;
  expect([width, height]).toEqual([1707, 2560]);
  expect(preview).toMatch(/^data:image\/webp;base64,/);
  expect(size).toBe(sent.length);
  const real = imageSize(sent);
  expect([real.width, real.height, real.orientation]).toEqual([1707, 2560, undefined]);
  expect(sent.includes(CAMERA)).toBe(false);
  expect(sent.includes('Exif\0\0')).toBe(false);

  const original = await send('original', 'image', 2, 'picture');
  expect((await load(original.data, account)).bytes.equals(photo)).toBe(true);
  // Upright all the same in the room that is kept for it.
  expect([original.otherData.magpie.width, original.otherData.magpie.height]).toEqual([2000, 3000]);
  const file = await send('file', 'file', 1, 'original');
  expect((await load(file.data, account)).bytes.equals(photo)).toBe(true);
  await socket.close();

  await test.step('after a restart the account has its pictures go as they went last', async () => {
    await ann.relaunch();
    await openChat(ann.page, 'bert_plain');
    await dropFiles(ann.page, '[data-testid="composer-input"]', [path]);
    await expect(ann.page.getByTestId('attachment-form')).toHaveValue('original');
  });
});

test('the place goes out of a large picture that tells it behind the picture', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { account, socket } = await withPlainFriend(ann, server.origin, 'ann_behind');
  const noise = new PNG({ width: 600, height: 600 });
  randomFillSync(noise.data);
  const picture = withLateExif(PNG.sync.write(noise));
  expect(picture.indexOf(CAMERA)).toBeGreaterThan(600_000);
  await dropFiles(ann.page, '[data-testid="composer-input"]', [await fileOf('behind.png', picture)]);
  await ann.page.getByTestId('composer-input').press('Enter');
  const images = () => socket.messages.filter((one) => one['type'] === 'image');
  await socket.until(() => images().length === 1, 90_000);
  const { data } = JSON.parse(String(images()[0]?.['data'])) as { data: string };
  const { bytes } = await load(data, account);
  expect(PNG.sync.read(bytes).width).toBe(600);
  expect(bytes.includes(CAMERA)).toBe(false);

  await test.step('an AVIF goes as it is, and drawn anew when it tells something', async () => {
    for (const [count, content, type] of [
      [2, avif(), 'image/avif'],
      [3, avif(CAMERA), 'image/webp'],
      // Quiet without being drawn anew, as an animation is.
      [4, withoutMetadata(avif(CAMERA)) ?? Buffer.alloc(0), 'image/avif'],
    ] as const) {
      await dropFiles(ann.page, '[data-testid="composer-input"]', [await fileOf(`${count}.avif`, content)]);
      await ann.page.getByTestId('composer-input').press('Enter');
      await socket.until(() => images().length === count, 90_000);
      const sent = JSON.parse(String(images().at(-1)?.['data'])) as { data: string };
      const arrived = await load(sent.data, account);
      expect(arrived.type).toBe(type);
      expect(arrived.bytes.includes(CAMERA)).toBe(false);
      if (type === 'image/avif') expect(arrived.bytes.equals(content)).toBe(true);
      const drawn = ann.page.getByTestId('message-image').last();
      await expect(drawn).toHaveAttribute('data-loaded', 'true');
      await expect.poll(() => drawn.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(64);
    }
  });
  await socket.close();
});

test('a film shows its picture and its length, and plays', async ({ launchMagpie, startServer }) => {
  const server = await startServer();
  const [ann, ben] = [await launchMagpie(), await launchMagpie()];
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_film');
  const { account, socket, received } = await withPlainFriend(ann, server.origin, 'ann_film');
  await ann.page.getByTestId('rail-contacts').click();
  await addContact(ann.page, 'ben_film');
  await ann.page.getByTestId('rail-chats').click();
  await openChat(ann.page, 'ben_film');
  await openChat(ben.page, 'ann_film');
  const film = await fileOf('film.webm', await video('webm'));
  await dropFiles(ann.page, '[data-testid="composer-input"]', [film]);
  await ann.page.getByTestId('composer-input').press('Enter');
  const message = ben.page.locator('[data-testid="message"][data-own="false"][data-kind="video"]');
  await expect(message.getByTestId('message-video-duration')).toHaveText('0:02');
  const poster = message.getByTestId('message-video-image');
  await expect
    .poll(() => poster.evaluate((image: HTMLImageElement) => [image.naturalWidth, image.naturalHeight]))
    .toEqual([64, 48]);
  await message.getByTestId('message-video-poster').click();
  const player = message.getByTestId('message-video');
  await expect
    .poll(() => player.evaluate((element: HTMLVideoElement) => element.currentTime))
    .toBeGreaterThan(0.5);

  await openChat(ann.page, 'bert_plain');
  await dropFiles(ann.page, '[data-testid="composer-input"]', [film]);
  await ann.page.getByTestId('composer-input').press('Enter');
  const { data, otherData } = await received('video');
  expect((await load(data, account)).type, 'its picture').toBe('image/jpeg');
  expect((await load(String(otherData['videoData']), account)).type).toBe('video/webm');
  await socket.close();
  expect([...ann.problems(), ...ben.problems()]).toEqual([]);
});

test('what is said into the microphone is listened to, sent, and heard on the other side', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
  const ben = await launchMagpie();
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_voice');
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_voice');
  await addContact(ann.page, 'ben_voice');
  await openChat(ann.page, 'ben_voice');
  await openChat(ben.page, 'ann_voice');
  const recorder = ann.page.getByTestId('voice-recorder');

  await test.step('a recording that is discarded sends nothing', async () => {
    await ann.page.getByTestId('composer-mic').press('Enter');
    await expect(recorder).toHaveAttribute('data-phase', 'recording');
    await expect(ann.page.getByTestId('voice-time')).toContainText('0:01');
    await expect(ann.page.getByTestId('composer-attach')).toBeHidden();
    await ann.page.getByTestId('voice-cancel').click();
    await expect(recorder).toBeHidden();
    await expect(ann.page.getByTestId('composer-input')).toBeVisible();
    await expect(ann.page.locator('[data-testid="message"][data-kind="voice"]')).toHaveCount(0);
  });

  await ann.page.getByTestId('composer-mic').click();
  await expect(recorder).toHaveAttribute('data-phase', 'recording');
  await expect(ann.page.getByTestId('voice-time')).toContainText('0:02');
  await ann.page.getByTestId('voice-stop').click();
  await expect(recorder).toHaveAttribute('data-phase', 'review');
  await ann.page.getByTestId('voice-listen').click();
  await ann.page.getByTestId('voice-send').click();
  await expect(recorder).toBeHidden();

  const voice = ben.page.locator('[data-testid="message"][data-own="false"][data-kind="voice"]').first();
  const bubble = voice.getByTestId('message-voice');
  await expect(voice.getByTestId('message-voice-time')).toHaveText('0:02');
  await voice.getByTestId('message-voice-play').click();
  await expect(bubble).toHaveAttribute('data-playing', 'true');
  await expect(voice.getByTestId('message-voice-time')).toHaveText('0:01');
  await voice.getByTestId('message-voice-speed').click();
  await expect(voice.getByTestId('message-voice-speed')).toHaveText('1.5×');
  await expect(bubble).toHaveAttribute('data-playing', 'false');

  await test.step('the sound is that of the microphone, not silence', async () => {
    const loud = await bubble.evaluate(
      (element) =>
        [...element.querySelectorAll<HTMLElement>('[aria-hidden="true"] > span')].filter(
          (bar) => parseFloat(bar.style.height) > 30,
        ).length,
    );
    expect(loud).toBeGreaterThan(0);
  });

  await test.step('without listening first it goes as well', async () => {
    await ann.page.getByTestId('composer-mic').press('Enter');
    await expect(ann.page.getByTestId('voice-time')).toContainText(/0:0[1-9] /u);
    await ann.page.getByTestId('voice-send').click();
    await expect(recorder).toBeHidden();
    const own = ann.page.locator('[data-testid="message"][data-own="true"][data-kind="voice"]');
    await expect(own).toHaveCount(2);
  });
  expect([...ann.problems(), ...ben.problems()]).toEqual([]);
});

test('emoji are found in both languages; stickers go with one click and can be made of any picture', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { account, socket, received } = await withPlainFriend(ann, server.origin, 'ann_emoji');
  const { page } = ann;
  await page.getByTestId('composer-input').fill('Well done ');
  await page.getByTestId('composer-emoji').click();
  await page.getByTestId('emoji-search').fill('鼓掌');
  await expect(page.getByTestId('emoji-option').first()).toHaveText('👏');
  await page.getByTestId('skin-tone-3').click();
  await expect(page.getByTestId('emoji-option').first()).toHaveText('👏🏽');
  await page.getByTestId('emoji-search').fill('clap');
  await page.getByTestId('emoji-search').press('Enter');
  await expect(page.getByTestId('expression-panel')).toBeHidden();
  await expect(page.getByTestId('composer-input')).toHaveValue('Well done 👏🏽');
  await expect(page.getByTestId('composer-input')).toBeFocused();
  await page.getByTestId('composer-input').press('Enter');
  await page.getByTestId('composer-emoji').click();
  await expect(page.getByTestId('emoji-option').first(), 'used last').toHaveText('👏🏽');

  await page.getByTestId('expressions-stickers').click();
  await page.locator('[data-sticker="magpie:party"]').getByTestId('sticker-send').click();
  const sticker = page.locator('[data-testid="message"][data-own="true"][data-kind="sticker"]');
  await expect(sticker.getByTestId('message-image')).toHaveAttribute('data-loaded', 'true');
  const sent = await received('iconMenus');
  const picture = PNG.sync.read((await load(sent.data, account)).bytes);
  expect([picture.width, picture.height]).toEqual([256, 256]);

  await page.getByTestId('composer-emoji').click();
  await page.getByTestId('expressions-stickers').click();
  await expect(page.locator('[data-sticker="magpie:party"]')).toHaveCount(2);
  await page.getByTestId('sticker-file-input').setInputFiles(await fileOf('mine.png', png(700, 350, PURPLE)));
  const own = page.locator('[data-sticker^="own:"]');
  await expect(own).toHaveCount(1);
  await own.first().hover();
  await own.getByTestId('sticker-favourite').click();
  await expect(own).toHaveCount(2);
  await own.first().getByTestId('sticker-send').click();
  await expect(sticker).toHaveCount(2);
  await ann.relaunch();
  await openChat(ann.page, 'bert_plain');
  await ann.page.getByTestId('composer-emoji').click();
  await ann.page.getByTestId('expressions-stickers').click();
  await expect(ann.page.locator('[data-sticker^="own:"]'), 'recent, favourite, own').toHaveCount(3);
  await expect(row(ann.page, 'bert_plain').getByTestId('conversation-preview')).toContainText('Sticker');
  await socket.close();
  expect(ann.problems()).toEqual([]);
});
