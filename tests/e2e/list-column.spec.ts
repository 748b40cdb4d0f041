/** The two panes of the window: the list as wide as the person wants it, and no more than pictures where room is short. */
import { steadyBox } from '../helpers/desktop/steady-box.ts';
import { expect, test } from './fixtures.ts';
import { connectTo, expectOnline, register } from './person.ts';

test('the list is made wider and narrower by pointer and keys, stays so, and shrinks to pictures in a narrow window', async ({
  launchMagpie,
  startServer,
}) => {
  const server = await startServer();
  const magpie = await launchMagpie();
  await connectTo(magpie.page, server.origin);
  await register(magpie.page, 'ann_columns');
  const edge = () => magpie.page.locator('[role="separator"][aria-orientation="vertical"]');
  const column = () => magpie.page.getByRole('region', { name: 'Chats', exact: true });
  const width = async () => Math.round((await column().boundingBox())?.width ?? 0);
  const now = async () => Number(await edge().getAttribute('aria-valuenow'));

  await expect.poll(async () => (await width()) - (await now())).toBe(0);
  const before = await width();
  const handle = await steadyBox(edge());
  const [x, y] = [handle.x + handle.width / 2, handle.y + 200];
  await magpie.page.mouse.move(x, y);
  await magpie.page.mouse.down();
  await magpie.page.mouse.move(x + 30, y, { steps: 5 });
  await magpie.page.mouse.up();
  await expect.poll(width).toBe(before + 30);

  await edge().focus();
  await magpie.page.keyboard.press('ArrowLeft');
  await expect.poll(width).toBe(before + 14);
  // Not so narrow that names are lost, nor so wide that the chat is.
  for (let step = 0; step < 20; step += 1) await magpie.page.keyboard.press('ArrowLeft');
  await expect.poll(width).toBe(Number(await edge().getAttribute('aria-valuemin')));
  for (let step = 0; step < 20; step += 1) await magpie.page.keyboard.press('ArrowRight');
  const widest = Number(await edge().getAttribute('aria-valuemax'));
  await expect.poll(width).toBe(widest);

  await magpie.quit();
  await magpie.relaunch();
  await expectOnline(magpie.page);
  await expect.poll(width).toBe(widest);
  await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(800, 600));
  await expect(edge()).toHaveCount(0);
  await expect.poll(width).toBeLessThan(80);
  await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(1120, 760));
  await expect.poll(width).toBe(widest);
  expect(magpie.problems()).toEqual([]);
});
