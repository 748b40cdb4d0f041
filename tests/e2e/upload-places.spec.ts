/** Where what people send goes: chosen in the settings, seen in the address, and taken back when the place takes nothing. */
import type { Page } from '@playwright/test';
import { png, type Colour } from '../helpers/files/samples.ts';
import { Bucket } from '../helpers/plain-egg-im/bucket.ts';
import { PlainClient, type PlainAccount } from '../helpers/plain-egg-im/plain-client.ts';
import { PlainServer } from '../helpers/plain-egg-im/plain-server.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, openChat, register } from './person.ts';

async function sendPicture(page: Page, colour: Colour): Promise<void> {
  await page
    .getByTestId('composer-file-input')
    .setInputFiles({ name: 'picture.png', mimeType: 'image/png', buffer: png(80, 60, colour) });
  await expect(page.getByTestId('attachment-item')).toHaveCount(1);
  await page.getByTestId('composer-send').click();
  await expect(page.getByTestId('attachment-item')).toHaveCount(0);
}

/** Hosts that the addresses of the pictures in the open chat name, in their order, once all of them are drawn. */
function hostsSeen(page: Page): Promise<(string | null)[]> {
  return page.locator('[data-own="false"] [data-testid="message-image"]').evaluateAll((images) =>
    images.map((image) => {
      if (image.getAttribute('data-loaded') !== 'true') return null;
      const address = new URL((image as HTMLImageElement).src).searchParams.get('url') ?? '';
      return new URL(address).host;
    }),
  );
}

test('pictures go to the object storage when the settings say so, are seen at the other side, and go back when it refuses', async ({
  launchMagpie,
}) => {
  const [server, bucket] = [await PlainServer.start(), await Bucket.start()];
  server.bucket = bucket;
  try {
    const [ann, ben] = [await launchMagpie(), await launchMagpie()];
    for (const [{ page }, name] of [
      [ann, 'ann_places'],
      [ben, 'ben_places'],
    ] as const) {
      await connectTo(page, server.origin);
      await register(page, name);
    }
    const accountOf = (username: string) => {
      const token = server.tokenOf(username);
      return { token, id: Number(token.split('.').at(-2)) } as PlainAccount;
    };
    const client = new PlainClient(server.origin);
    await client.sendText(accountOf('ben_places'), accountOf('ann_places').id, 'show me');
    await client.sendText(accountOf('ann_places'), accountOf('ben_places').id, 'look');
    await openChat(ann.page, 'ben_places');
    await openChat(ben.page, 'ann_places');
    const [home, storage] = [new URL(server.origin).host, new URL(bucket.origin).host];
    const expectHosts = (hosts: string[]) => expect.poll(() => hostsSeen(ben.page)).toEqual(hosts);

    await test.step('the server, if nobody chose', async () => {
      await sendPicture(ann.page, [220, 30, 30]);
      await expectHosts([home]);
    });

    await test.step('the object storage, found in the settings by its name', async () => {
      await ann.page.getByTestId('rail-settings').click();
      await ann.page.getByTestId('settings-search').fill('object storage');
      await ann.page.getByTestId('settings-found').first().click();
      const pictures = ann.page.getByTestId('settings-upload-image');
      await expect(pictures).toBeInViewport();
      await pictures.getByText('Object storage').click();
      await expect(pictures.locator('[data-value="object-storage"]')).toHaveAttribute(
        'data-state',
        'checked',
      );
      // Each kind has a choice of its own.
      await expect(
        ann.page.getByTestId('settings-upload-video').locator('[data-value="server"]'),
      ).toHaveAttribute('data-state', 'checked');
      await openChat(ann.page, 'ben_places');
      await sendPicture(ann.page, [30, 180, 60]);
      await expectHosts([home, storage]);
      expect(bucket.asked.every(({ token }) => !token)).toBe(true);
    });

    await test.step('a storage that refuses says what to do, and nothing is lost', async () => {
      server.bucket = null;
      await sendPicture(ann.page, [40, 60, 220]);
      await expect(ann.page.getByTestId('message-error')).toContainText(
        'the object storage did not take it (require accessKeyId, accessKeySecret)',
      );
      await ann.page.getByTestId('message-choose-place').click();
      const pictures = ann.page.getByTestId('settings-upload-image');
      await expect(pictures).toBeInViewport();
      await pictures.getByText('This server').click();
      await expect(pictures.locator('[data-value="server"]')).toHaveAttribute('data-state', 'checked');
      await openChat(ann.page, 'ben_places');
      await ann.page.getByTestId('message-retry').click();
      await expectHosts([home, storage, home]);
      await expect(ann.page.getByTestId('message-error')).toHaveCount(0);
    });
    expect(ann.problems()).toEqual([]);
    expect(ben.problems()).toEqual([]);
  } finally {
    await Promise.all([server.stop(), bucket.stop()]);
  }
});
