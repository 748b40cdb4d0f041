/** Cards of links, with a page behind a proxy that alone answers for its public address. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { PUBLIC_STAND_IN, startProxy } from '../helpers/proxy-process.ts';
import { png } from '../helpers/files/samples.ts';
import { expectAccessible } from './accessible.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, openChat, register, send } from './person.ts';

test('a link gets a card only for those who want one; whoever receives it asks the page nothing', async ({
  launchMagpie,
  startServer,
}) => {
  const asked: string[] = [];
  const pages = createServer((request, response) => {
    asked.push(request.url ?? '');
    if (request.url === '/nest.png')
      response.writeHead(200, { 'content-type': 'image/png' }).end(png(400, 200, [10, 120, 60]));
    else
      response.writeHead(200, { 'content-type': 'text/html' }).end(
        // 喜鹊 as pages of its country still write it.
        Buffer.concat([
          Buffer.from('<meta charset="gbk"><meta property="og:image" content="/nest.png"><title>'),
          Buffer.from([0xcf, 0xb2, 0xc8, 0xb5]),
          Buffer.from('</title><meta name="description" content="How it builds">'),
        ]),
      );
  });
  await new Promise<void>((resolve) => pages.listen(0, '127.0.0.1', resolve));
  const proxy = await startProxy({ kind: 'socks5' });
  try {
    const { port } = pages.address() as AddressInfo;
    const link = `http://${PUBLIC_STAND_IN}:${port}/nest`;
    const server = await startServer();
    const [ann, bob] = [await launchMagpie(), await launchMagpie()];
    await connectTo(ann.page, server.origin);
    await register(ann.page, 'ann_link');
    await connectTo(bob.page, server.origin);
    await register(bob.page, 'bob_link');
    await addContact(ann.page, 'bob_link');
    await openChat(ann.page, 'bob_link');
    await ann.page.evaluate(async (proxyPort) => {
      const bridge = Reflect.get(window, 'magpie') as {
        invoke(channel: string, input: unknown): Promise<unknown>;
      };
      const setting = { mode: 'manual', kind: 'socks5', host: '127.0.0.1', port: proxyPort, exceptions: '' };
      await bridge.invoke('network:set-proxy', { setting });
    }, proxy.port);

    // Off, as it comes.
    await send(ann.page, `one ${link}`);
    await expect(ann.page.getByTestId('message-text').last()).toContainText('one');
    expect(asked).toEqual([]);

    await ann.page.getByTestId('rail-settings').click();
    await ann.page.getByTestId('settings-link-previews').click();
    await openChat(ann.page, 'bob_link');
    const input = ann.page.getByTestId('composer-input');
    const offered = ann.page.getByTestId('composer-link');
    await input.fill(`two ${link}`);
    await expect(offered).toContainText('喜鹊');
    await ann.page.emulateMedia({ reducedMotion: 'reduce' });
    await expectAccessible(ann.page, 'card above the field');
    await ann.page.getByTestId('composer-link-remove').click();
    await expect(offered).toHaveCount(0);
    await send(ann.page, `two ${link}`);

    await input.fill(`three ${link}`);
    await expect(offered.getByTestId('link-card-picture')).toHaveAttribute(
      'src',
      /^data:image\/webp;base64,/u,
    );
    await send(ann.page, `three ${link}`);
    await expect.poll(() => asked.filter((path) => path === '/nest').length).toBe(2);

    await openChat(bob.page, 'ann_link');
    await expect(bob.page.getByTestId('message-text').filter({ hasText: 'three' })).toBeVisible();
    const cards = bob.page.getByTestId('link-card');
    await expect(cards).toHaveCount(1);
    await expect(cards).toContainText('喜鹊');
    await expect(cards).toContainText('How it builds');
    await expect(cards).toContainText(`${PUBLIC_STAND_IN}:${port}`);
    await expect
      .poll(() =>
        cards.getByTestId('link-card-picture').evaluate((image: HTMLImageElement) => image.naturalWidth),
      )
      .toBe(192);
    await bob.page.emulateMedia({ reducedMotion: 'reduce' });
    await expectAccessible(bob.page, 'card of a link');
    expect(asked.filter((path) => path === '/nest')).toHaveLength(2);

    // Links inside are no business of pages outside, nor of the app.
    await input.fill(`http://127.0.0.1:${port}/inside and more`);
    const inside = await ann.page.evaluate(async (url) => {
      const bridge = Reflect.get(window, 'magpie') as {
        invoke(channel: string, input: unknown): Promise<unknown>;
      };
      return bridge.invoke('links:preview', { url });
    }, `http://127.0.0.1:${port}/inside`);
    expect(inside).toEqual({ ok: true, value: null });
    expect(asked).not.toContain('/inside');
  } finally {
    await proxy.stop();
    pages.closeAllConnections();
    pages.close();
  }
});
