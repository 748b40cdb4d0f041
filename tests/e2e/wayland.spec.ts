/** Desktops without X11: the window comes up, is drawn sharp, and people talk in it as anywhere. */
import { PNG } from 'pngjs';
import { PlainClient } from '../helpers/plain-egg-im/plain-client.ts';
import { startWayland, type WaylandCompositor } from '../helpers/desktop/wayland.ts';
import { expect, test, type ServerProcess } from './fixtures.ts';
import { connectTo, expectConversation, expectOnline, openChat, PASSWORD, send, signIn } from './person.ts';

test.skip(process.platform !== 'linux', 'Wayland is of Linux');

/** The Electron that the tests run with takes X11 where both are there; newer ones take what the session says. */
const WAYLAND = ['--ozone-platform=wayland'];

/** How much of `page` the compositor shows, by its commonest colours: 1 for all of it. */
function shown(page: PNG, screen: PNG): number {
  const count = ({ data }: PNG) => {
    const counts = new Map<number, number>();
    for (let at = 0; at < data.length; at += 4) {
      const colour = data.readUIntBE(at, 3);
      counts.set(colour, (counts.get(colour) ?? 0) + 1);
    }
    return counts;
  };
  const there = count(screen);
  const commonest = [...count(page)].sort(([, one], [, other]) => other - one).slice(0, 6);
  return Math.min(...commonest.map(([colour, wanted]) => (there.get(colour) ?? 0) / wanted));
}

async function expectDrawn(wayland: WaylandCompositor, page: { screenshot(): Promise<Buffer> }) {
  let screen: PNG | undefined;
  try {
    await expect(async () => {
      const drawn = PNG.sync.read(await page.screenshot());
      screen = await wayland.picture();
      // The compositor places windows where it likes, a part of them beyond its edge.
      expect(shown(drawn, screen)).toBeGreaterThan(0.5);
    }).toPass({ timeout: 30_000 });
  } catch (error) {
    if (screen !== undefined) {
      const body = PNG.sync.write(screen);
      await test.info().attach('wayland.png', { body, contentType: 'image/png' });
    }
    throw error;
  }
}

/** A person and a friend who has written to them. */
async function friends(server: ServerProcess) {
  const client = new PlainClient(server.origin);
  const me = await client.register('way_me', PASSWORD);
  const friend = await client.register('way_friend', PASSWORD);
  await client.befriend(friend, me);
  return { say: (text: string) => client.sendText(friend, me.id, text) };
}

for (const scale of [1, 2]) {
  test(`talking on Wayland at ${scale * 100} %`, async ({ desktop, launchMagpie, startServer }) => {
    const server = await startServer();
    const friend = await friends(server);
    const wayland = await startWayland(desktop, scale);
    try {
      const magpie = await launchMagpie({ args: WAYLAND, env: wayland.env });
      const { page } = magpie;
      await connectTo(page, server.origin);
      await signIn(page, 'way_me');
      await expectOnline(page);
      await openChat(page, 'way_friend');
      await friend.say('看得清吗？');
      await expect(page.getByTestId('message-text').getByText('看得清吗？')).toBeVisible();
      await send(page, 'sharp');
      await expect.poll(() => page.evaluate(() => devicePixelRatio)).toBe(scale);
      await expectDrawn(wayland, page);

      // Nobody can ask such a desktop where a window is, but its size comes back.
      const width = () => magpie.page.evaluate(() => innerWidth);
      const before = await width();
      await magpie.app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setSize(900, 640));
      await expect.poll(width).toBeLessThan(before);
      const chosen = await width();
      await magpie.relaunch();
      await openChat(magpie.page, 'way_friend');
      await expectConversation(magpie.page, ['看得清吗？', 'sharp']);
      await expect.poll(width).toBe(chosen);
      await expectDrawn(wayland, magpie.page);
      expect((await magpie.startAgain(WAYLAND)).code).toBe(0);
      expect(await magpie.window.count()).toBe(1);
      expect(magpie.problems()).toEqual([]);
    } finally {
      await wayland.stop();
    }
  });
}

test('on the X server of a Wayland desktop', async ({ desktop, launchMagpie }) => {
  const wayland = await startWayland(desktop);
  try {
    const magpie = await launchMagpie({ args: ['--ozone-platform=x11'], env: wayland.xEnv });
    await expect(magpie.page.getByTestId('welcome-connect')).toBeVisible();
    await expectDrawn(wayland, magpie.page);
    expect(magpie.problems()).toEqual([]);
  } finally {
    await wayland.stop();
  }
});
