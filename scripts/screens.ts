/**
 * `npm run screens`: every screen of the app, light and dark, in Chinese and in English, into `docs/screens/`, so that a
 * change of look is seen in review. What differs from run to run (times, ports) is the same in all pictures.
 */
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';
import { PNG } from 'pngjs';
import { connectTo, expectOnline, openChat, signIn } from '../tests/e2e/person.ts';
import { startDesktopSession, type DesktopSession } from '../tests/helpers/desktop/desktop-session.ts';
import { MagpieProcess } from '../tests/helpers/magpie-process.ts';
import { PlainClient, type PlainAccount } from '../tests/helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../tests/helpers/server-process.ts';
import { GroupCalls } from '../tests/integration/server/groups.ts';
import { ensurePackages } from './desktop/apt.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { runScript } from './lib/fatal.ts';

const OUT = join('docs', 'screens');
const PASSWORD = 'screens-password-1';
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['zh-CN', 'en'] as const;
/** User name, the name that the others see, and the colours of their picture; null for those who chose none. */
const CAST = {
  lin: ['linmo', '林默', [15, 118, 110]],
  zhou: ['zhouming', '周明', [79, 82, 224]],
  ana: ['anaruiz', 'Ana Ruiz', [190, 24, 93]],
  zhao: ['zhaoxiaoyu', '赵晓雨', null],
  wu: ['wuqian', '吴倩', [194, 87, 12]],
  chen: ['chenli', '陈立', null],
  bo: ['bo_stranger', 'Bo', null],
  mei: ['mei_new', '梅子', null],
} as const;
type Cast = Record<keyof typeof CAST, PlainAccount>;

/** A picture that is told apart at the size of a tile. */
function portrait([red, green, blue]: readonly [number, number, number]): Buffer {
  const size = 128;
  const picture = new PNG({ width: size, height: size });
  for (let y = 0; y < size; y++)
    for (let x = 0; x < size; x++) {
      const head = (x - 64) ** 2 + (y - 50) ** 2 < 24 ** 2;
      const shoulders = (x - 64) ** 2 + (y - 132) ** 2 < 50 ** 2;
      const light = head || shoulders ? 1 : (y / size) * 0.35;
      for (const [channel, value] of [red, green, blue].entries())
        picture.data[(y * size + x) * 4 + channel] = value + (255 - value) * light * 0.9;
      picture.data[(y * size + x) * 4 + 3] = 255;
    }
  return PNG.sync.write(picture);
}

async function gather(server: ServerProcess): Promise<{ client: PlainClient; cast: Cast }> {
  const client = new PlainClient(server.origin);
  const cast = {} as Cast;
  for (const [key, [username, nickname, colours]] of Object.entries(CAST)) {
    const account = await client.register(username, PASSWORD);
    const update = (fieldname: string, fieldValue: string) =>
      client.data('POST', '/api/chat/updateUserinfo', {
        token: account.token,
        json: { fieldname, fieldValue },
      });
    await update('nickname', nickname);
    if (colours !== null)
      await update('avatar', await client.upload(account, 'avatars', 'me.png', portrait(colours)));
    cast[key as keyof Cast] = account;
  }
  for (const key of ['zhou', 'ana', 'zhao', 'wu', 'chen'] as const)
    await client.befriend(cast.lin, cast[key]);
  return { client, cast };
}

/** Says the same about everything that is different in each run. */
async function steady(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      const text = node.nodeValue ?? '';
      const same = text
        .replaceAll(/VIS\w{8}/gu, 'VIS4f2a91c0')
        .replaceAll(/127\.0\.0\.1:\d+/gu, 'chat.example')
        .replaceAll(/\b\d{1,2}:\d{2}(?::\d{2})?\b(?: [AP]M)?/gu, '10:24');
      if (same !== text) node.nodeValue = same;
    }
  });
}

/** Dismisses what passes by itself: whether it is still there would be chance. The click leaves an open dialog open. */
async function withoutToasts(page: Page): Promise<void> {
  const toasts = page.getByTestId('toast');
  await toasts.evaluateAll((all) => {
    for (const toast of all) toast.querySelector<HTMLElement>('button[aria-label]')?.click();
  });
  await expect(toasts).toHaveCount(0);
}

class Camera {
  readonly pictures: string[] = [];
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Takes what is on screen, in both themes and both languages. */
  async take(name: string): Promise<void> {
    const page = this.#page;
    // A pointer that rests on something would show hover colours.
    await page.mouse.move(1, 1);
    for (const language of LANGUAGES)
      for (const theme of THEMES) {
        await page.evaluate(
          async (settings) => {
            const bridge = Reflect.get(window, 'magpie') as {
              invoke(channel: string, input: unknown): Promise<unknown>;
            };
            await bridge.invoke('settings:update', settings);
          },
          { theme, language },
        );
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await withoutToasts(page);
        await steady(page);
        const file = `${name}-${theme}-${language === 'en' ? 'en' : 'zh'}.png`;
        await page.screenshot({ path: join(OUT, file), animations: 'disabled', caret: 'hide' });
        this.pictures.push(file);
      }
  }
}

interface Stage {
  desktop: DesktopSession;
  electronPath: string;
  server: ServerProcess;
}

async function launch({ desktop, electronPath }: Stage): Promise<MagpieProcess> {
  const magpie = await MagpieProcess.launch(electronPath, desktop, { locale: 'en-US' });
  await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1_120, 760));
  await magpie.page.emulateMedia({ reducedMotion: 'reduce' });
  return magpie;
}

/** What a person sees before they have an account. */
async function entrance(stage: Stage): Promise<string[]> {
  const magpie = await launch(stage);
  const { page } = magpie;
  const camera = new Camera(page);
  try {
    await expect(page.getByTestId('welcome-use-this-computer')).toBeVisible();
    await camera.take('welcome');
    await connectTo(page, stage.server.origin);
    await camera.take('sign-in');
    await page.getByTestId('sign-in-toggle').click();
    await camera.take('register');
    await page.getByTestId('sign-in-toggle').click();
    await page.getByTestId('sign-in-guest').click();
    await expectOnline(page);
    await expect(page.getByTestId('guest-sign-in')).toBeVisible();
    await camera.take('guest');
    return camera.pictures;
  } finally {
    await magpie.dispose();
  }
}

/** A colleague on an ordinary morning. */
async function morning(stage: Stage): Promise<string[]> {
  const { client, cast } = await gather(stage.server);
  const groups = new GroupCalls(client);
  const groupId = await groups.foundAgain(cast.lin, [cast.zhou, cast.ana, cast.zhao, cast.wu]);
  const magpie = await launch(stage);
  const { page } = magpie;
  const camera = new Camera(page);
  const close = async (testId: string) => {
    await page.keyboard.press('Escape');
    await expect(page.getByTestId(testId)).toHaveCount(0);
  };
  try {
    await connectTo(page, stage.server.origin);
    await signIn(page, CAST.lin[0], PASSWORD);
    await expectOnline(page);

    // Between two.
    for (const [who, text] of [
      ['zhou', '早！新图标的三个方向都放在共享文件夹了'],
      ['lin', '第二个方向最好，小尺寸下也看得清 👍'],
      ['zhou', 'The build is green, so we can ship at five: https://magpie.example/builds/482'],
    ] as const)
      await client.sendText(cast[who], who === 'lin' ? cast.zhou.id : cast.lin.id, text);
    await client.sendText(cast.chen, cast.lin.id, '备份已完成，日志在老地方');
    await openChat(page, CAST.zhou[1]);
    await expect(page.getByTestId('message')).not.toHaveCount(0);
    await page.getByTestId('composer-input').fill('好，我今晚合进去');
    await camera.take('chat');
    await page.getByTestId('composer-input').fill('');
    await page.keyboard.press('Control+f');
    await page.getByTestId('chat-search-input').fill('方向');
    await expect(page.getByTestId('chat-search-count')).not.toHaveText('');
    await expect(page.locator('[data-pointed-at]')).toHaveCount(0);
    await camera.take('chat-search');
    await page.getByTestId('chat-search-input').press('Escape');
    await page.getByTestId('chat-details').click();
    await expect(page.getByTestId('conversation-completeness')).not.toHaveText('');
    await camera.take('chat-details');
    await page.getByTestId('details-profile').click();
    await expect(page.getByTestId('person-card')).toBeVisible();
    await camera.take('person-card');
    await close('person-dialog');

    // What goes with the words, and what is wrong with them.
    const sketch = await client.upload(cast.zhou, 'pictures', 'sketch.png', portrait(CAST.zhou[2]));
    await client.sendImage(cast.zhou, cast.lin.id, sketch);
    await page.getByTestId('composer-emoji').click();
    await expect(page.getByTestId('emoji-option').first()).toBeVisible();
    await camera.take('emoji');
    await page.getByTestId('expressions-stickers').click();
    await expect(page.getByTestId('sticker-send').first()).toBeVisible();
    await camera.take('stickers');
    await close('expression-panel');
    await expect(page.getByTestId('message-image')).toHaveAttribute('data-loaded', 'true');
    await page.getByTestId('message-image').click();
    await expect(page.getByTestId('viewer-image')).toBeVisible();
    await camera.take('media-viewer');
    await close('media-viewer');
    await page.getByTestId('details-report').click();
    await page.getByTestId('complaint-reason-spam').check();
    await page.getByTestId('complaint-message').first().getByRole('checkbox').check();
    await camera.take('complaint');
    await page.getByTestId('confirm-ok').click();
    await expect(page.getByTestId('complaint-dialog')).toHaveCount(0);

    // A group.
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('group-row').click();
    await expect(page.getByTestId('group-members')).toBeVisible();
    await page.getByTestId('group-name-edit').click();
    await page.getByTestId('group-name-input').fill('周五发布 Release');
    await page.getByTestId('group-name-save').click();
    await page.getByTestId('group-announcement-edit').click();
    await page
      .getByTestId('group-announcement-input')
      .fill('周五下午五点发布，请在四点前合入。\nFreeze at four.');
    await page.getByTestId('group-announcement-save').click();
    await page.getByTestId('group-policy').locator('[data-value="approval"]').click();
    await expect(page.getByTestId('group-policy').locator('[data-value="approval"]')).toHaveAttribute(
      'data-state',
      'checked',
    );
    await groups.join(cast.bo, groupId, cast.bo.id, 'I test the installers');
    await expect(page.getByTestId('group-request')).toBeVisible();
    await camera.take('groups');
    await page.getByTestId('group-message').click();
    await groups.send(cast.ana, groupId, 'Morning! Notes are in the usual place.');
    await groups.send(cast.wu, groupId, '@林默 请看一下发布说明', { mentions: [cast.lin.id] });
    await expect(page.locator('[data-means-me="true"]')).toBeVisible();
    await page.getByTestId('composer-input').fill('马上看');
    await page.getByTestId('composer-input').press('Enter');
    await expect(page.getByTestId('message-read-by').last()).toBeVisible();
    await camera.take('group-chat');
    await page.getByTestId('composer-input').pressSequentially('@');
    await expect(page.getByTestId('mention-option').first()).toBeVisible();
    await camera.take('mention');
    await page.getByTestId('composer-input').fill('');
    await page.getByTestId('message-read-by').last().click();
    await expect(page.getByTestId('readers-dialog')).toBeVisible();
    await camera.take('readers');
    await close('readers-dialog');
    await page.getByTestId('group-settings').click();
    await expect(page.getByTestId('group-dialog').getByTestId('group-members')).toBeVisible();
    await camera.take('group-settings');
    await close('group-dialog');
    await page.getByTestId('details-invite').click();
    await expect(page.getByTestId('group-member-pick').first()).toBeVisible();
    await camera.take('group-invite');
    await close('group-invite-dialog');
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('group-create').first().click();
    await page.getByTestId('group-member-pick').nth(1).check();
    await camera.take('group-create');
    await close('group-create-dialog');
    // Another one's group, of which this account is asked to be a member; then a farewell against its will.
    await client.befriend(cast.zhou, cast.ana);
    const otherId = await groups.foundAgain(cast.zhou, [cast.lin, cast.ana]);
    await expect(page.getByTestId('group-row')).toHaveCount(2);
    await page.locator(`[data-testid="group-row"][data-group-id="${otherId}"]`).click();
    await page.getByTestId('group-message').click();
    await groups.remove(cast.zhou, otherId, cast.lin.id);
    await expect(page.getByTestId('chat-ended')).toBeVisible();
    await groups.setPolicy(cast.zhou, otherId, 1);
    for (const toast of await page.getByTestId('toast').all()) await toast.waitFor({ state: 'detached' });
    await camera.take('group-removed');
    await page.getByTestId('rail-groups').click();
    await page.getByTestId('codes-scan').click();
    await camera.take('scan');
    await page.getByTestId('scan-link').fill(`magpie://group/${otherId}`);
    await page.getByTestId('scan-link-open').click();
    await expect(page.getByTestId('group-join-reason')).toBeVisible();
    await camera.take('group-join');
    await close('group-join-dialog');

    // Contacts.
    await client.data('POST', '/api/chat/applyfriend', {
      token: cast.mei.token,
      json: { friend_id: cast.lin.id, nickname: '我是梅子，上周在评审会上见过' },
    });
    await page.getByTestId('rail-contacts').click();
    await page.getByTestId('contact-row').nth(1).click();
    await expect(page.getByTestId('person-block')).toBeVisible();
    await camera.take('contacts');
    await page.getByTestId('person-remove').click();
    await camera.take('contact-remove');
    await page.getByTestId('confirm-cancel').click();
    await page.getByTestId('applications-open').click();
    await camera.take('applications');
    await page.getByTestId('contact-search').fill('o');
    await expect(page.getByTestId('contact-search-result').first()).toBeVisible();
    await camera.take('contact-search');
    await page.getByTestId('contact-search').fill('');

    // Everything else.
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('profile-confirm')).toBeVisible();
    await camera.take('settings');
    // A picture is taken in English last, so that is what the index is in.
    for (const [name, title] of [
      ['notifications', 'Notifications'],
      ['desktop', 'Window and desktop'],
      ['lock', 'Lock'],
      ['network', 'Network'],
      ['updates', 'Updates'],
    ] as const) {
      await page.getByTestId('settings-index').getByRole('button', { name: title, exact: true }).click();
      await camera.take(`settings-${name}`);
    }
    await page.getByTestId('settings-index').getByRole('button', { name: 'Profile', exact: true }).click();
    await page.getByTestId('profile-password').click();
    await camera.take('password');
    await close('password-dialog');
    await page.getByTestId('profile-avatar').click();
    await page.getByTestId('avatar-file').setInputFiles({
      name: 'me.png',
      mimeType: 'image/png',
      buffer: portrait(CAST.lin[2]),
    });
    await expect(page.getByTestId('avatar-cropper').locator('img').first()).toBeVisible();
    await camera.take('own-picture');
    await close('avatar-dialog');
    await page.getByTestId('profile-code').click();
    await expect(page.getByTestId('code-picture')).toBeVisible();
    await camera.take('own-code');
    await close('code-dialog');
    await page.getByTestId('profile-card').click();
    await expect(page.getByTestId('person-edit')).toBeVisible();
    await camera.take('own-card');
    await close('person-dialog');
    for (const [question, answer] of [
      ['What are your opening hours?', 'Ten to six, Monday to Friday.'],
      ['安装包在哪里？', '共享文件夹的 Releases 里，按日期命名。'],
    ] as const) {
      await page.getByTestId('answer-add').click();
      await page.getByTestId('answer-question').fill(question);
      await page.getByTestId('answer-text').fill(answer);
      await page.getByTestId('confirm-ok').click();
      await expect(page.getByTestId('answer-dialog')).toHaveCount(0);
    }
    await page.getByTestId('answers-section').evaluate((section) => section.scrollIntoView());
    await camera.take('answers');
    await page.getByTestId('complaint-edit').click();
    await expect(page.getByTestId('complaint-edit-dialog')).toBeVisible();
    await camera.take('complaint-edit');
    await close('complaint-edit-dialog');
    await page.keyboard.press('Control+/');
    await expect(page.getByTestId('shortcut-sheet')).toBeVisible();
    await camera.take('shortcuts');
    await close('shortcut-sheet');
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(760, 520));
    await openChat(page, CAST.zhou[1]);
    await page.getByTestId('details-close').click();
    await camera.take('narrow');
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1_120, 760));
    await page.getByTestId('account-add').click();
    await connectTo(page, stage.server.origin);
    await signIn(page, CAST.wu[0], PASSWORD);
    await expectOnline(page);
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('account-entry')).toHaveCount(2);
    await camera.take('accounts');
    await page.getByTestId('rail-chats').click();
    await expect(page.getByTestId('conversation-account')).not.toHaveCount(0);
    await camera.take('all-accounts');
    await page.getByTestId('account-switch').click();
    await expectOnline(page);
    await openChat(page, CAST.zhou[1]);
    await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(760, 520));
    await stage.server.kill();
    await expect(page.getByTestId('connection-status')).toHaveAttribute('data-state', 'offline');
    await camera.take('offline');
    return camera.pictures;
  } finally {
    await magpie.dispose();
  }
}

/** All of them on one page, one screen a line. */
function index(pictures: readonly string[]): string {
  const names = [...new Set(pictures.map((file) => file.replace(/-(?:light|dark)-(?:zh|en)\.png$/u, '')))];
  const cell = (file: string) => `<img src="${file}" width="270" alt="${file.replace('.png', '')}">`;
  return [
    '# Screens',
    '',
    'Made by `npm run screens`; not to be changed by hand.',
    ...names.flatMap((name) => [
      '',
      `## ${name}`,
      '',
      ['light-zh', 'light-en', 'dark-zh', 'dark-en']
        .map((kind) => `${name}-${kind}.png`)
        .filter((file) => pictures.includes(file))
        .map(cell)
        .join(' '),
    ]),
    '',
  ].join('\n');
}

await runScript(async () => {
  const { executablePath: electronPath } = await provideElectron();
  await buildIfNeeded();
  await ensurePackages('test');
  await rm(OUT, { recursive: true, force: true });
  await mkdir(OUT, { recursive: true });
  const desktop = await startDesktopSession();
  const server = await ServerProcess.start();
  try {
    const stage = { desktop, electronPath, server };
    const pictures = [...(await entrance(stage)), ...(await morning(stage))];
    await writeFile(join(OUT, 'README.md'), index(pictures));
    console.log(`${pictures.length} pictures in ${OUT}`);
    return 0;
  } finally {
    await server.dispose();
    await desktop.stop();
  }
});
