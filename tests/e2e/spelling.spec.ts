/** Spell checking with the server's dictionaries; and that nothing is ever asked for elsewhere. */
import { createServer, type Server } from 'node:http';
import { copyFile, mkdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { register, row } from './person.ts';
import { makeCertificate } from '../helpers/certificates.ts';
import { until } from '../helpers/desktop/until.ts';
import { startTlsFront } from '../helpers/tls-front.ts';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { expect, test } from './fixtures.ts';
import { PASSWORD } from './person.ts';

const DICTIONARY = join(import.meta.dirname, '../fixtures/dictionaries/en-US-10-1.bdic');

/** Stands where the internet would be: every request that is not for this computer comes here, and gets nothing. */
async function startOutside(): Promise<{ port: number; asked: string[]; stop(): void }> {
  const asked: string[] = [];
  const server: Server = createServer((request, response) => {
    asked.push(request.url ?? '');
    response.writeHead(502).end();
  });
  server.on('connect', (request, socket) => {
    asked.push(request.url ?? '');
    socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { port: (server.address() as AddressInfo).port, asked, stop: () => void server.close() };
}

test('a dictionary of the server is used, which shows a certificate of its own, and nobody else is asked for one', async ({
  launchMagpie,
  startServer,
}) => {
  const outside = await startOutside();
  const server = await startServer();
  // Chromium by itself would not take a dictionary from there.
  const front = await startTlsFront(await makeCertificate({ name: 'chat.office' }), () =>
    Number(new URL(server.origin).port),
  );
  try {
    const folder = join(server.dataFolder, 'dictionaries');
    await mkdir(folder, { recursive: true });
    await copyFile(DICTIONARY, join(folder, 'en-US-10-1.bdic'));
    const magpie = await launchMagpie({ args: [`--proxy-server=http://127.0.0.1:${outside.port}`] });
    const { page } = magpie;
    await page.getByTestId('welcome-server-url').fill(`https://127.0.0.1:${front.port}`);
    await page.getByTestId('welcome-connect').click();
    await page.getByTestId('certificate-trust').click();
    await expect(page.getByTestId('sign-in-form')).toBeVisible();
    await register(page, 'speller');
    const client = new PlainClient(server.origin);
    const ann = await client.register('ann_spell', PASSWORD);
    const me = (await client.data('POST', '/api/loginChat', {
      json: { username: 'speller', password: PASSWORD },
      headers: { 'x-magpie-device': 'phone:11111111-1111-4111-8111-111111111111' },
    })) as Parameters<PlainClient['befriend']>[1];
    await client.befriend(ann, me);
    await row(page, 'ann_spell').click();

    await magpie.app.evaluate(({ BrowserWindow }) => {
      BrowserWindow.getAllWindows()[0]?.webContents.on('context-menu', (_event, params) =>
        Reflect.set(globalThis, 'lastMenu', [params.misspelledWord, ...params.dictionarySuggestions]),
      );
    });
    const field = page.getByTestId('composer-input');
    /** What the right button finds in the word under it. */
    const judged = async (word: string) => {
      await field.fill('');
      await field.pressSequentially(`${word} `);
      await magpie.app.evaluate(() => Reflect.deleteProperty(globalThis, 'lastMenu'));
      await field.click({ button: 'right', position: { x: 24, y: 16 } });
      const found = await until(
        () => magpie.app.evaluate(() => Reflect.get(globalThis, 'lastMenu') as string[] | undefined),
        { what: 'the menu of the right button' },
      );
      await page.keyboard.press('Escape');
      return found;
    };

    const loaded = await magpie.app.evaluateHandle(({ session }) => {
      const languages: string[] = [];
      session.defaultSession.on('spellcheck-dictionary-initialized', (_event, language) =>
        languages.push(language),
      );
      session.defaultSession.on('spellcheck-dictionary-download-failure', (_event, language) =>
        languages.push(`no ${language}`),
      );
      return languages;
    });

    await test.step('before anybody chose a language nothing is checked and nothing is loaded', async () => {
      expect(await judged('magpei')).toEqual(['']);
      expect(outside.asked).toEqual([]);
    });

    await test.step('a language of the server', async () => {
      await page.getByTestId('rail-settings').click();
      await page.getByTestId('settings-spelling-en-US').click();
      await expect(page.getByTestId('settings-spelling-en-US')).toBeChecked();
      await expect.poll(() => loaded.jsonValue()).toContain('en-US');
      await page.getByTestId('rail-chats').click();
      await row(page, 'ann_spell').click();
      await expect.poll(() => judged('magpei'), { timeout: 60_000 }).toEqual(['magpei', 'magpie']);
      expect(await judged('magpie')).toEqual(['']);
    });

    await test.step('the app starts with it again, and still asks nobody else', async () => {
      await magpie.relaunch();
      await expect(magpie.page.getByTestId('conversation-list')).toBeVisible();
      await expect
        .poll(() => magpie.app.evaluate(({ session }) => session.defaultSession.getSpellCheckerLanguages()))
        .toEqual(['en-US']);
      expect(outside.asked).toEqual([]);
    });
  } finally {
    await front.stop();
    outside.stop();
  }
});
