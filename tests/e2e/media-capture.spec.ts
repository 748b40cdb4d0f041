/** Pictures and films made on the spot, what is heard of voice messages, and the room that loaded files may take. */
import { imageSize } from 'image-size';
import { PNG } from 'pngjs';
import { openOtherWindow, OTHER_WINDOW } from '../helpers/desktop/other-window.ts';
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { png } from '../helpers/files/samples.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register } from './person.ts';

test('a screenshot and a photo of the camera go into the tray and arrive', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
  const { page } = ann;
  const bert = new PlainClient(server.origin);
  const account = await bert.register('bert_plain');
  await connectTo(page, server.origin);
  await register(page, 'ann_capture');
  await addContact(page, 'bert_plain');
  await openChat(page, 'bert_plain');
  const socket = await bert.connect(account);
  const images = () => socket.messages.filter((one) => one['type'] === 'image');
  const sizeOf = async (index: number) => {
    const { data } = JSON.parse(String(images()[index]?.['data'])) as { data: string };
    const answer = await fetch(data, { headers: { token: account.token } });
    const { width, height } = imageSize(Buffer.from(await answer.arrayBuffer()));
    return { width, height };
  };

  await page.getByTestId('composer-capture').click();
  await page.getByTestId('capture-screen').click();
  const region = page.getByTestId('screen-region');
  await expect(region).toBeVisible();
  await page.keyboard.press('Escape');
  await expect(region).toBeHidden();
  await expect(page.getByTestId('attachment-tray')).toBeHidden();

  await page.getByTestId('composer-capture').click();
  await page.getByTestId('capture-screen').click();
  const picture = region.locator('img');
  await expect
    .poll(() => picture.evaluate((image: HTMLImageElement) => image.naturalWidth))
    .toBeGreaterThan(0);
  const box = await steadyBox(picture);
  const scale = await picture.evaluate((image: HTMLImageElement) => image.naturalWidth / image.clientWidth);
  await page.mouse.move(box.x + 20, box.y + 30);
  await page.mouse.down();
  await page.mouse.move(box.x + 120, box.y + 90, { steps: 4 });
  await page.mouse.up();
  await expect(region).toBeHidden();
  await expect(page.getByTestId('attachment-item')).toHaveCount(1);
  await page.getByTestId('composer-send').click();
  await socket.until(() => images().length === 1, 90_000);
  const shot = await sizeOf(0);
  expect(Math.abs(shot.width - 100 * scale)).toBeLessThanOrEqual(2);
  expect(Math.abs(shot.height - 60 * scale)).toBeLessThanOrEqual(2);

  await page.getByTestId('composer-capture').click();
  await page.getByTestId('capture-camera').click();
  await expect(page.getByTestId('camera-view')).toHaveAttribute('data-ready', 'true');
  await page.getByTestId('camera-take').click();
  await expect(page.getByTestId('camera-dialog')).toBeHidden();
  await expect(page.getByTestId('attachment-item')).toHaveCount(1);
  await page.getByTestId('composer-send').click();
  await socket.until(() => images().length === 2, 90_000);
  const photo = await sizeOf(1);
  expect(Math.min(photo.width, photo.height)).toBeGreaterThanOrEqual(240);
  await socket.close();
  expect(ann.problems()).toEqual([]);
});

test('a film of the camera is looked at first, and has its picture, its length and its sound on the other side', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const ann = await launchMagpie({ args: ['--use-fake-device-for-media-stream'] });
  const ben = await launchMagpie();
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_film');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_film');
  await addContact(ann.page, 'ben_film');
  await openChat(ann.page, 'ben_film');
  await openChat(ben.page, 'ann_film');
  const { page } = ann;
  await page.evaluate(() => {
    const { mediaDevices } = navigator;
    const open = mediaDevices.getUserMedia.bind(mediaDevices);
    const tracks: MediaStreamTrack[] = [];
    mediaDevices.getUserMedia = async (wanted) => {
      const stream = await open(wanted);
      tracks.push(...stream.getTracks());
      return stream;
    };
    Object.assign(window, {
      liveTracks: () => tracks.filter(({ readyState }) => readyState === 'live').map(({ kind }) => kind),
    });
  });
  const live = () =>
    page.evaluate(() => (window as unknown as { liveTracks(): string[] }).liveTracks().toSorted());
  const view = page.getByTestId('camera-view');
  const shutter = page.getByTestId('camera-take');
  const film = page.getByTestId('camera-film');
  const record = async () => {
    await expect(view).toHaveAttribute('data-ready', 'true');
    await shutter.click();
    await expect(shutter).toHaveAttribute('data-phase', 'recording');
    await expect.poll(live).toEqual(['audio', 'video']);
    await expect(page.getByTestId('camera-time')).toContainText('0:02 / 1:00');
  };

  await page.getByTestId('composer-capture').click();
  await page.getByTestId('capture-camera').click();
  await page.getByTestId('camera-mode').getByRole('radio', { name: 'Video' }).click();
  await expect(view).toHaveAttribute('data-ready', 'true');
  // Nobody asked for a sound yet.
  await expect.poll(live).toEqual(['video']);

  await test.step('given up while it is recorded', async () => {
    await record();
    // What was recorded does not go by a slip.
    await page.keyboard.press('Escape');
    await expect(shutter).toHaveAttribute('data-phase', 'recording');
    await page.getByTestId('camera-cancel').click();
    await expect(page.getByTestId('camera-dialog')).toBeHidden();
    await expect.poll(live).toEqual([]);
    await expect(page.getByTestId('attachment-tray')).toBeHidden();
  });

  await test.step('recorded, looked at, recorded again, used', async () => {
    await page.getByTestId('composer-capture').click();
    await page.getByTestId('capture-camera').click();
    await page.getByTestId('camera-mode').getByRole('radio', { name: 'Video' }).click();
    await record();
    await shutter.click();
    await expect(film).toBeVisible();
    await expect(page.getByTestId('camera-use')).toBeFocused();
    await expect.poll(live).toEqual([]);
    await page.getByTestId('camera-again').click();
    await expect(shutter).toBeFocused();
    await record();
    await page.keyboard.press('Space');
    await film.evaluate((element: HTMLVideoElement) => element.play());
    await expect
      .poll(() => film.evaluate(({ currentTime }: HTMLVideoElement) => currentTime))
      .toBeGreaterThan(0.5);
    await page.getByTestId('camera-use').click();
    await expect(page.getByTestId('camera-dialog')).toBeHidden();
    await expect(page.getByTestId('attachment-item')).toContainText(/video-.+\.mp4/u);
    await page.getByTestId('composer-send').click();
  });

  const message = ben.page.locator('[data-testid="message"][data-own="false"][data-kind="video"]');
  const poster = message.getByTestId('message-video-image');
  await expect
    .poll(() => poster.evaluate((image: HTMLImageElement) => image.naturalWidth), { timeout: 90_000 })
    .toBeGreaterThan(0);
  const length = message.getByTestId('message-video-duration');
  await expect(length).toHaveText(/^0:0[2-9]$/u);
  const seconds = Number((await length.innerText()).slice(-1));
  await message.getByTestId('message-video-poster').click();
  const player = message.getByTestId('message-video');
  const played = () =>
    player.evaluate((element: HTMLVideoElement & { webkitAudioDecodedByteCount: number }) => ({
      time: element.currentTime,
      sound: element.webkitAudioDecodedByteCount,
      duration: element.duration,
    }));
  await expect.poll(async () => (await played()).time).toBeGreaterThan(0.5);
  const { sound, duration } = await played();
  expect(sound).toBeGreaterThan(0);
  expect(Math.abs(duration - seconds)).toBeLessThan(0.6);
  // It can be moved in, also back to what was seen.
  for (const target of [duration - 0.4, 0.2]) {
    const reached = await player.evaluate(async (element: HTMLVideoElement, time) => {
      element.pause();
      const sought = new Promise((resolve) => element.addEventListener('seeked', resolve, { once: true }));
      element.currentTime = time;
      await sought;
      return element.currentTime;
    }, target);
    expect(Math.abs(reached - target)).toBeLessThan(0.1);
  }
  expect(ann.problems()).toEqual([]);
  expect(ben.problems()).toEqual([]);
});

test('a window of another program is chosen by its picture and arrives as a picture', async ({
  launchMagpie,
  startServer,
  desktop,
}) => {
  const server = await startServer();
  const ann = await launchMagpie();
  const { page } = ann;
  const bert = new PlainClient(server.origin);
  const account = await bert.register('bert_plain');
  await connectTo(page, server.origin);
  await register(page, 'ann_window');
  await addContact(page, 'bert_plain');
  await openChat(page, 'bert_plain');
  const socket = await bert.connect(account);
  const BLUE = [30, 60, 220] as const;
  const others = [
    await openOtherWindow(desktop.env, 'A red note', [220, 30, 30]),
    await openOtherWindow(desktop.env, 'Ein blaues Blatt 蓝', BLUE),
  ];
  try {
    const picker = page.getByTestId('window-picker');
    const choices = picker.getByTestId('capturable-window');
    const choose = async () => {
      await page.getByTestId('composer-capture').click();
      await page.getByTestId('capture-window').click();
    };
    // A window manager lists a window a moment after it is seen.
    await expect(async () => {
      await page.keyboard.press('Escape');
      await choose();
      for (const title of ['A red note', 'Ein blaues Blatt 蓝'])
        await expect(choices.filter({ hasText: title })).toHaveCount(1, { timeout: 3_000 });
    }).toPass({ timeout: 60_000 });
    // Our own is none of them.
    await expect(picker).not.toContainText('Magpie');
    await page.keyboard.press('Escape');
    await expect(picker).toBeHidden();

    await choose();
    await expect(choices.first()).toBeFocused();
    const wanted = choices.filter({ hasText: 'Ein blaues Blatt' });
    const isSecond = await choices.first().evaluate((one) => !one.textContent.includes('blaues'));
    if (isSecond) await page.keyboard.press('ArrowRight');
    await expect(wanted).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(picker).toBeHidden();
    await expect(page.getByTestId('attachment-item')).toHaveCount(1);
    await page.getByTestId('composer-send').click();
    const images = () => socket.messages.filter((one) => one['type'] === 'image');
    await socket.until(() => images().length === 1, 90_000);
    const { data } = JSON.parse(String(images()[0]?.['data'])) as { data: string };
    const answer = await fetch(data, { headers: { token: account.token } });
    const picture = PNG.sync.read(Buffer.from(await answer.arrayBuffer()));
    // The frame of the window manager may be in it.
    expect(picture.width).toBeGreaterThanOrEqual(OTHER_WINDOW.width);
    expect(picture.width).toBeLessThan(OTHER_WINDOW.width + 100);
    const at = ((picture.height >> 1) * picture.width + (picture.width >> 1)) * 4;
    expect([...picture.data.subarray(at, at + 3)]).toEqual([...BLUE]);
  } finally {
    for (const other of others) other.close();
    await socket.close();
  }
  expect(ann.problems()).toEqual([]);
});

test('loaded files can be cleared from this computer, except those that are to stay', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const [ann, ben] = [await launchMagpie(), await launchMagpie()];
  await connectTo(ann.page, server.origin);
  await register(ann.page, 'ann_cache');
  await connectTo(ben.page, server.origin);
  await register(ben.page, 'ben_cache');
  await addContact(ann.page, 'ben_cache');
  await openChat(ann.page, 'ben_cache');
  await openChat(ben.page, 'ann_cache');
  for (const colour of [10, 200]) {
    await ann.page
      .getByTestId('composer-file-input')
      .setInputFiles({ name: `c${colour}.png`, mimeType: 'image/png', buffer: png(60, 40, [colour, 9, 9]) });
    await ann.page.getByTestId('composer-send').click();
  }
  const { page } = ben;
  const images = page.locator('[data-testid="message"][data-own="false"]').getByTestId('message-image');
  await expect(images).toHaveCount(2);
  for (const index of [0, 1]) await expect(images.nth(index)).toHaveAttribute('data-loaded', 'true');
  await images.first().click({ button: 'right' });
  await page.getByTestId('message-menu').getByText('Keep on this computer').click();
  await expect(page.getByTestId('toast').filter({ hasText: 'It stays on this computer' })).toBeVisible();

  const clear = page.getByTestId('settings-clear-media');
  const used = async () => Number((await clear.getAttribute('data-used')) || Number.NaN);
  await page.getByTestId('rail-settings').click();
  await expect.poll(used).toBeGreaterThan(0);
  const before = await used();
  await clear.click();
  await expect.poll(async () => ((now) => now > 0 && now < before)(await used())).toBe(true);

  // What stays is there without a server; the other one says that it is not.
  await server.stop();
  await ben.relaunch();
  await openChat(ben.page, 'ann_cache');
  const again = ben.page.locator('[data-testid="message"][data-own="false"][data-kind="image"]');
  await expect(again.nth(0).getByTestId('message-image')).toHaveAttribute('data-loaded', 'true');
  await expect(again.nth(1).getByTestId('media-trouble')).toHaveAttribute('data-trouble', 'unreachable');

  // The menu tells which is which.
  const kept = ben.page.getByTestId('message-menu').getByRole('menuitemcheckbox');
  for (const [at, state] of [
    [0, 'true'],
    [1, 'false'],
  ] as const) {
    await again.nth(at).click({ button: 'right' });
    await expect(kept).toHaveAttribute('aria-checked', state);
    await ben.page.keyboard.press('Escape');
    await expect(kept).toHaveCount(0);
  }
});
