/**
 * `npm run demo`: two apps side by side on a real server, friends already, in the middle of a conversation, for a person
 * to go on with. `npm run demo -- --headless --out DIR` plays it by itself and leaves screenshots of both sides.
 */
import { copyFile, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { connectTo, expectOnline, openChat, row, send, signIn } from '../tests/e2e/person.ts';
import { startDesktopSession, type DesktopSession } from '../tests/helpers/desktop/desktop-session.ts';
import { MagpieProcess, type LaunchOptions } from '../tests/helpers/magpie-process.ts';
import { PlainClient, type PlainAccount } from '../tests/helpers/plain-egg-im/plain-client.ts';
import { ServerProcess } from '../tests/helpers/server-process.ts';
import { expect, type Page } from '@playwright/test';
import { ensurePackages } from './desktop/apt.ts';
import { keepScreenshot } from './desktop/screenshot.ts';
import { withDesktop } from './desktop/with-desktop.ts';
import { provideElectron } from './electron/provide-electron.ts';
import { buildIfNeeded } from './lib/build-app.ts';
import { ActionableError, runScript } from './lib/fatal.ts';
import { cacheFolder } from './lib/paths.ts';

const PASSWORD = 'demo-password-1';
/** User name and the name that the others see. */
const CAST = {
  lin: ['linmo', '林默'],
  zhou: ['zhouming', '周明'],
  ana: ['anaruiz', 'Ana Ruiz'],
  zhao: ['zhaoxiaoyu', '赵晓雨'],
  wu: ['wuqian', '吴倩'],
  chen: ['chenli', '陈立'],
} as const;

/** What the two on stage say to each other, in turns. */
const DIALOGUE: readonly (readonly ['lin' | 'zhou', string])[] = [
  ['lin', '早！新图标的三个方向都放在共享文件夹了'],
  ['lin', '你觉得哪个方向最好？'],
  ['zhou', '第二个方向最好，小尺寸下也看得清 👍'],
  ['zhou', '托盘里 16 像素的那张，我在两块屏幕上都看过了：深色任务栏上轮廓也很清楚，不用再加描边。'],
  ['lin', '那就定了'],
  ['lin', 'The build is green, so we can ship at five: https://magpie.example/builds/482'],
  ['zhou', '好，我今晚合进去'],
];

interface Stage {
  desktop: DesktopSession;
  electronPath: string;
  out: string;
}

async function befriendEverybody(server: ServerProcess): Promise<Record<keyof typeof CAST, PlainAccount>> {
  const client = new PlainClient(server.origin);
  const accounts = {} as Record<keyof typeof CAST, PlainAccount>;
  for (const [key, [username, nickname]] of Object.entries(CAST)) {
    const account = await client.register(username, PASSWORD);
    await client.data('POST', '/api/chat/updateUserinfo', {
      token: account.token,
      json: { fieldname: 'nickname', fieldValue: nickname },
    });
    accounts[key as keyof typeof CAST] = account;
  }
  for (const [key, account] of Object.entries(accounts)) {
    if (key !== 'lin') await client.befriend(accounts.lin, account);
  }
  await client.sendText(accounts.wu, accounts.lin.id, '周四的会议改到下午三点了');
  await client.sendText(accounts.chen, accounts.lin.id, '备份已完成，日志在老地方');
  await client.sendText(accounts.zhao, accounts.lin.id, '合同终稿我发你邮箱了，麻烦看一眼');
  for (const text of ['Morning!', 'Are you joining the review?', 'It starts at 14:00.'])
    await client.sendText(accounts.ana, accounts.lin.id, text);
  return accounts;
}

async function enter(
  stage: Stage,
  server: ServerProcess,
  username: string,
  options: LaunchOptions,
): Promise<MagpieProcess> {
  const magpie = await MagpieProcess.launch(stage.electronPath, stage.desktop, options);
  await connectTo(magpie.page, server.origin);
  await signIn(magpie.page, username, PASSWORD);
  await expectOnline(magpie.page);
  return magpie;
}

async function choose(page: Page, theme: 'light' | 'dark'): Promise<void> {
  const labels = { light: /^(Light|浅色)$/, dark: /^(Dark|深色)$/ };
  await page.getByTestId('rail-settings').click();
  await page.getByTestId('settings-theme').getByText(labels[theme]).click();
  await page.getByTestId('rail-chats').click();
}

interface Scene {
  server: ServerProcess;
  lin: MagpieProcess;
  zhou: MagpieProcess;
  end(): Promise<void>;
}

/** Server, accounts, friendships, two apps that are signed in, and the dialogue, spoken through their windows. */
async function setScene(stage: Stage, locales: { lin: string; zhou: string }): Promise<Scene> {
  const server = await ServerProcess.start();
  const apps: MagpieProcess[] = [];
  const end = async () => {
    await Promise.allSettled(apps.map((magpie) => magpie.dispose()));
    await server.dispose();
  };
  try {
    await befriendEverybody(server);
    const lin = await enter(stage, server, CAST.lin[0], { locale: locales.lin });
    apps.push(lin);
    const zhou = await enter(stage, server, CAST.zhou[0], { locale: locales.zhou });
    apps.push(zhou);
    await placeOn(lin, 'left');
    await placeOn(zhou, 'right');
    const pages = { lin: lin.page, zhou: zhou.page };
    await openChat(lin.page, CAST.zhou[1]);
    await openChat(zhou.page, CAST.lin[1]);
    for (const [speaker, text] of DIALOGUE) {
      await send(pages[speaker], text);
      for (const page of Object.values(pages)) {
        await expect(page.getByTestId('message-text').getByText(text, { exact: true })).toBeVisible();
      }
    }
    return { server, lin, zhou, end };
  } catch (thrown) {
    await end();
    throw thrown;
  }
}

/** Side by side where the screen is wide enough for two; on a smaller one they overlap, each at its own edge. */
async function placeOn(magpie: MagpieProcess, side: 'left' | 'right'): Promise<void> {
  await magpie.app.evaluate(({ BrowserWindow, screen }, where) => {
    const area = screen.getPrimaryDisplay().workArea;
    const window = BrowserWindow.getAllWindows()[0];
    const width = Math.min(1_120, Math.max(760, Math.floor(area.width / 2)));
    const x = where === 'left' ? area.x : area.x + area.width - width;
    window?.setBounds({ x, y: area.y, width, height: Math.min(760, area.height) });
  }, side);
}

/** Plays it without an audience and leaves pictures of both sides, light and dark. */
async function playHeadless(stage: Stage): Promise<string[]> {
  const pictures: string[] = [];
  const take = async (page: Page, name: string) => {
    const path = join(stage.out, `${name}.png`);
    // A pointer that rests on something would show hover colours.
    await page.mouse.move(1, 1);
    await page.screenshot({ path, animations: 'disabled' });
    pictures.push(path);
  };
  const welcome = await MagpieProcess.launch(stage.electronPath, stage.desktop, { locale: 'zh-CN' });
  try {
    await expect(welcome.page.getByTestId('welcome-use-this-computer')).toBeVisible();
    await take(welcome.page, 'welcome-light-zh');
  } finally {
    await welcome.dispose();
  }
  const { lin, zhou, end } = await setScene(stage, { lin: 'zh-CN', zhou: 'en-US' });
  try {
    for (const { app } of [lin, zhou]) {
      await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1_120, 760));
    }
    // Rows of unread messages and a draft, as an ordinary morning has them.
    await expect(row(lin.page, CAST.ana[1])).toHaveAttribute('data-unread', /[1-9]/);
    await lin.page.getByTestId('composer-input').fill('顺便看下这两张启动页');
    await take(lin.page, 'lin-light-zh');
    await take(zhou.page, 'zhou-light-en');
    await choose(lin.page, 'dark');
    await openChat(lin.page, CAST.zhou[1]);
    await take(lin.page, 'lin-dark-zh');
    await choose(zhou.page, 'dark');
    await openChat(zhou.page, CAST.lin[1]);
    await take(zhou.page, 'zhou-dark-en');
    return pictures;
  } finally {
    await end();
  }
}

/** Leaves both windows to the person, until both are closed or Ctrl+C. */
async function playOnScreen(stage: Stage): Promise<void> {
  const locale = Intl.DateTimeFormat().resolvedOptions().locale;
  const { server, lin, zhou, end } = await setScene(stage, { lin: locale, zhou: locale });
  let interrupted = false;
  const interrupt = () => (interrupted = true);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    console.log(
      `Two people are signed in at ${server.origin}; write in either window. Close both, or press Ctrl+C.`,
    );
    while (!interrupted && !(lin.hasEnded() && zhou.hasEnded())) await sleep(200);
  } finally {
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await end();
  }
}

function options(): { headless: boolean; out: string; readme: boolean } {
  try {
    const { values } = parseArgs({
      options: {
        headless: { type: 'boolean', default: false },
        out: { type: 'string', default: 'demo' },
        readme: { type: 'boolean', default: false },
      },
    });
    return { ...values, out: resolve(values.out) };
  } catch (thrown) {
    throw new ActionableError(
      `${(thrown as Error).message}; usage: npm run demo -- [--headless] [--out DIR]`,
    );
  }
}

await runScript(async () => {
  const { headless, out, readme } = options();
  const electron = await provideElectron();
  await buildIfNeeded();
  const { executablePath: electronPath } = electron;
  if (!headless) {
    return withDesktop('test', async ({ env, virtual }) => {
      const picture = join(cacheFolder(), `screenshot-${process.pid}.png`);
      if (virtual) console.log(`There is no screen here; what a virtual one shows is kept in ${picture}`);
      const screenshot = virtual ? keepScreenshot(env, picture) : null;
      try {
        await playOnScreen({ desktop: { env, virtual, stop: async () => undefined }, electronPath, out });
        return 0;
      } finally {
        screenshot?.stop();
      }
    });
  }
  await ensurePackages('test');
  await mkdir(out, { recursive: true });
  const desktop = await startDesktopSession();
  try {
    const pictures = await playHeadless({ desktop, electronPath, out });
    if (readme) {
      for (const theme of ['light', 'dark'])
        await copyFile(join(out, `lin-${theme}-zh.png`), join('docs', `screenshot-${theme}.png`));
    }
    console.log(`The pictures of the conversation:\n${pictures.join('\n')}`);
    return 0;
  } finally {
    await desktop.stop();
  }
});
