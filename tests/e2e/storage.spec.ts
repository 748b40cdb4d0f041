/** A disk that is full while somebody writes: said clearly, nothing typed is lost, and it goes on by itself. */
import { join } from 'node:path';
import { canMount, smallDisk, type SmallDisk } from '../helpers/small-disk.ts';
import { temporaryFolder } from '../helpers/temporary-folder.ts';
import { expect, test } from './fixtures.ts';
import { addContact, connectTo, expectConversation, openChat, register, send } from './person.ts';

test.describe('a full disk', () => {
  test.skip(!canMount, 'a disk of a few megabytes can only be mounted by root on Linux');
  let disk: SmallDisk | undefined;
  test.afterEach(() => disk?.remove());

  test('is told in a line of its own, keeps what is typed, and is noticed to have room again', async ({
    launchMagpie,
    startServer,
  }, testInfo) => {
    const server = await startServer();
    const profile = temporaryFolder('profile');
    disk = smallDisk(join(profile, 'accounts'), 24);
    const ann = await launchMagpie({ profile });
    const ben = await launchMagpie();
    await connectTo(ann.page, server.origin);
    await register(ann.page, 'ann_disk');
    await connectTo(ben.page, server.origin);
    await register(ben.page, 'ben_disk');
    await addContact(ann.page, 'ben_disk');
    await openChat(ann.page, 'ben_disk');
    await openChat(ben.page, 'ann_disk');
    const { page } = ann;
    const status = page.getByTestId('storage-status');
    const input = page.getByTestId('composer-input');
    await send(page, 'before');
    await expectConversation(ben.page, ['before']);

    disk.fill();
    await input.fill('kept in its field');
    await input.press('Enter');
    await expect(status).toHaveAttribute('data-state', 'full');
    await expect(status).toContainText('The disk is full');
    await expect(input).toHaveValue('kept in its field');
    await send(ben.page, 'from ben');
    await page.screenshot({ path: testInfo.outputPath('full.png') });
    await page.getByTestId('storage-retry').click();
    await expect(status).toHaveAttribute('data-state', 'full');

    disk.free();
    await expect(status).toHaveAttribute('data-state', 'ok');
    await expect(status).toHaveText('');
    await expect(input).toHaveValue('kept in its field');
    await input.press('Enter');
    await expectConversation(page, ['before', 'from ben', 'kept in its field']);
    await expectConversation(ben.page, ['before', 'from ben', 'kept in its field']);
    expect(ann.problems()).toEqual([]);
  });
});
