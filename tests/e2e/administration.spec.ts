/** The console of administrators, in a real browser, against a real server with real clients. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PlainClient, textMessage } from '../helpers/plain-egg-im/plain-client.ts';
import { png } from '../helpers/files/samples.ts';
import { openBrowser, type BrowserOptions, type WebBrowser } from '../helpers/web-browser/web-browser.ts';
import { expect, test } from './fixtures.ts';
import { electronPathVariable } from './global-setup.ts';

const ROOT = { name: 'root01', password: 'secret12' };

test('from the setup token to a dissolved group: what an administrator does, and what people notice of it', async ({
  desktop,
  startServer,
}, testInfo) => {
  const server = await startServer();
  const client = new PlainClient(server.origin);
  const browsers: WebBrowser[] = [];
  const open = async (options: BrowserOptions): Promise<Page> => {
    const browser = await openBrowser(process.env[electronPathVariable] ?? '', desktop, options);
    browsers.push(browser);
    watch(browser.page, faults);
    return browser.page;
  };
  const faults: string[] = [];
  try {
    const page = await open({ locale: 'en-US', theme: 'light' });
    const look = async (name: string): Promise<void> => {
      await page.screenshot({ path: testInfo.outputPath(`${name}.png`), fullPage: true });
      const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
      expect.soft(serious(violations), name).toEqual([]);
    };
    const section = (name: string) => page.getByRole('navigation').getByRole('link', { name }).click();

    await test.step('nobody administers yet: the token of the data folder makes the first one', async () => {
      await page.goto(`${server.origin}/admin`);
      await expect(page).toHaveURL(/\/admin\/set-up$/);
      await look('set-up');
      await enter(page, 'guessed-token');
      await expect(page.getByRole('alert')).toHaveText('The token is wrong.');
      await enter(page, readFileSync(join(server.dataFolder, 'setup-token'), 'utf8').trim());
      await expect(page.getByRole('heading', { name: 'Overview' })).toBeVisible();
    });

    await test.step('the pages have their style: the policy lets it in', async () => {
      const width = await page.getByRole('navigation').evaluate((nav) => nav.getBoundingClientRect().width);
      expect(width).toBeLessThan(300);
    });

    const [anna, bert] = await client.registerAll('anna01', 'bert01');
    await client.data('POST', '/api/chat/updateUserinfo', {
      token: anna.token,
      json: { fieldname: 'nickname', fieldValue: '<b>Anna</b>' },
    });
    const socket = await client.connect(bert);

    await test.step('an account is made, and can sign in', async () => {
      await section('Accounts');
      await page.getByLabel('User name', { exact: true }).fill('cora01');
      await page.getByRole('button', { name: 'Create' }).click();
      const password = await page.getByRole('status').locator('code').innerText();
      expect((await client.login('cora01', password)).username).toBe('cora01');
      await page.getByRole('link', { name: 'Back' }).click();
      await expect(page.getByRole('row', { name: 'cora01' })).toBeVisible();
      await expect(page.getByRole('cell', { name: '<b>Anna</b>' })).toBeVisible();
      await look('accounts');
    });

    await test.step('a search narrows the list', async () => {
      await page.getByLabel('User name or nickname').fill('bert');
      await page.getByRole('button', { name: 'Search' }).click();
      await expect(page.getByRole('row')).toHaveCount(2);
      await expect(page.getByRole('row', { name: 'bert01' })).toBeVisible();
    });

    await test.step('a connection is seen', async () => {
      await section('Connections');
      await expect(page.getByRole('row', { name: 'bert01' })).toContainText('plain client');
      await look('connections');
    });

    await test.step('a disabled account is thrown out at once, after a question', async () => {
      await section('Accounts');
      await page.getByRole('button', { name: 'Disable: bert01' }).click();
      await expect(page.getByRole('heading', { name: 'Disable: bert01' })).toBeVisible();
      await look('confirm');
      await page.getByRole('link', { name: 'Cancel' }).click();
      await expect(page.getByRole('row', { name: 'bert01' })).toContainText('active');
      await page.getByRole('button', { name: 'Disable: bert01' }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).click();
      await expect(page.getByRole('row', { name: 'bert01' })).toContainText('disabled');
      expect(await socket.untilClosed()).toBe(1005);
      expect(socket.frames.at(-1)).toEqual({ msg: 'fail', data: '你已被管理员禁用' });
      await page.getByRole('button', { name: 'Enable: bert01' }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).click();
      await expect(page.getByRole('row', { name: 'bert01' })).toContainText('active');
    });

    await test.step('a password is reset: the old one is of no use, the new one is', async () => {
      await page.getByRole('button', { name: 'Reset password: bert01' }).click();
      await page.getByLabel('Password').fill('brand-new-1');
      await page.getByRole('button', { name: 'Yes, do it' }).click();
      await expect(page.getByRole('heading', { name: 'Accounts' })).toBeVisible();
      await expect(client.login('bert01')).rejects.toThrow();
      await client.login('bert01', 'brand-new-1');
    });

    const group = await foundGroup(client, anna, await client.login('bert01', 'brand-new-1'));
    await test.step('a complaint comes with picture and evidence, and is answered', async () => {
      const message = await client.data('POST', '/api/chat/socket/sendmessage', {
        token: anna.token,
        json: { ...textMessage(group, 'buy my watches'), chatType: 'group' },
      });
      const author = await client.login('bert01', 'brand-new-1');
      const { url } = (await client.data('POST', '/api/chat/uploadStreamSingleToServerDiy/chatImgs', {
        token: author.token,
        file: { field: 'file', name: 'proof.png', content: png(320, 240, [200, 60, 40]) },
      })) as { url: string };
      await client.call('POST', '/api/chat/complaint/create', {
        token: author.token,
        json: {
          target_id: group,
          target_type: 'group',
          target_name: 'Team',
          reason: 'spam',
          content: 'Every day.',
          images: [url],
          complaint_chatinfo: [message],
        },
      });
      await section('Complaints');
      await look('complaints');
      await page.getByRole('link', { name: '1', exact: true }).click();
      await expect(page.getByText('Stored on this server')).toBeVisible();
      await expect(page.locator('blockquote')).toContainText('buy my watches');
      const isShown = page.locator('.pictures img');
      await expect.poll(() => isShown.evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(320);
      await page.getByLabel('Status').selectOption('done');
      await page.getByLabel('Answer to the author').fill('They were warned.');
      await look('complaint');
      await page.getByRole('button', { name: 'Save' }).click();
      await expect(page.getByText('Nothing here.')).toBeVisible();
      const list = await client.call('GET', '/api/chat/complaint/list', { token: author.token });
      expect((list.body as { data: object[] }).data[0]).toMatchObject({
        status: 2,
        admin_reply: 'They were warned.',
      });
    });

    await test.step('a group is dissolved, and its members are told', async () => {
      const member = await client.connect(await client.login('bert01', 'brand-new-1'));
      await section('Groups');
      await look('groups');
      await page.getByRole('button', { name: /^Dissolve/ }).click();
      await page.getByRole('button', { name: 'Yes, do it' }).click();
      await expect(page.getByRole('row', { name: 'anna01' })).toContainText('dissolved');
      await member.until(() => JSON.stringify(member.frames).includes('管理员于'));
      await member.close();
    });

    await test.step('storage and audit log tell what happened', async () => {
      await section('Storage');
      await look('storage');
      await section('Audit log');
      for (const action of ['account.create', 'account.disable', 'complaint.process', 'group.dissolve']) {
        await expect(page.getByRole('cell', { name: action }).first()).toBeVisible();
      }
      await look('audit');
    });

    await test.step('in Chinese and dark: the language is kept, and an account without rights stays outside', async () => {
      const dark = await open({ locale: 'zh-CN', theme: 'dark' });
      await dark.goto(`${server.origin}/admin`);
      await expect(dark.getByRole('heading', { name: '登录' })).toBeVisible();
      await dark.getByLabel('账号').fill('anna01');
      await dark.getByLabel('密码').fill('secret12');
      await dark.getByRole('button', { name: '登录' }).click();
      await expect(dark.getByRole('alert')).toContainText('不是管理员');
      await dark.getByLabel('账号').fill(ROOT.name);
      await dark.getByLabel('密码').fill(ROOT.password);
      await dark.keyboard.press('Enter');
      for (const name of ['概览', '账号', '群聊', '存储', '操作日志']) {
        await dark.getByRole('navigation').getByRole('link', { name }).click();
        await expect(dark.getByRole('heading', { name, level: 2 })).toBeVisible();
        const { violations } = await new AxeBuilder({ page: dark }).setLegacyMode(true).analyze();
        expect.soft(serious(violations), name).toEqual([]);
        await dark.screenshot({ path: testInfo.outputPath(`dark-${name}.png`), fullPage: true });
      }
      await dark.getByRole('link', { name: 'English' }).click();
      await dark.getByRole('navigation').getByRole('link', { name: 'Accounts' }).click();
      await expect(dark.getByRole('heading', { name: 'Accounts' })).toBeVisible();
      await dark.getByRole('button', { name: 'Sign out' }).click();
      await expect(dark.getByRole('heading', { name: 'Sign in' })).toBeVisible();
      await dark.goto(`${server.origin}/admin/accounts`);
      await expect(dark).toHaveURL(/\/admin\/sign-in$/);
    });
    expect(faults).toEqual([]);
  } finally {
    for (const browser of browsers) await browser.close();
  }
});

async function enter(page: Page, token: string): Promise<void> {
  await page.getByLabel('Setup token').fill(token);
  await page.getByLabel('User name').fill(ROOT.name);
  await page.getByLabel('Password').fill(ROOT.password);
  await page.getByRole('button', { name: 'Set up' }).click();
}

/** Anna founds a group with Bert. */
async function foundGroup(
  client: PlainClient,
  anna: { token: string },
  bert: { id: number },
): Promise<number> {
  const { token } = anna;
  await client.data('POST', '/api/chat/autoAddFriendAndAgree', { token, json: { friend_id: bert.id } });
  const contacts = (await client.data('GET', '/api/chat/goodfriendlist/1', { token })) as {
    rows: { newList: { list: { id: number }[] }[] };
  };
  const userIds = contacts.rows.newList.flatMap(({ list }) => list.map(({ id }) => id));
  await client.data('POST', '/api/chat/group/create', { token, json: { userIds } });
  const [group] = (await client.data('GET', '/api/chat/grouplist/1', { token })) as [{ id: number }];
  return group.id;
}

/** What the browser itself complains about: refused styles and pictures above all. */
function watch(page: Page, faults: string[]): void {
  page.on('console', (message) => {
    const isExpected = /Failed to load resource.*(403|400|404)/.test(message.text());
    if (message.type() === 'error' && !isExpected) faults.push(message.text());
  });
  page.on('pageerror', (error) => faults.push(error.message));
}

function serious(
  violations: { id: string; impact?: string | null | undefined; nodes: { html: string }[] }[],
): string[] {
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 160)}`));
}
