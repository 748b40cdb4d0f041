/** Screens with more points to the inch: everything is there, sharp, and nothing runs out of the window. */
import { connectTo, register } from './person.ts';
import { expect, test } from './fixtures.ts';

for (const scale of [1.25, 1.5, 2]) {
  test(`at ${scale * 100} %`, async ({ launchMagpie, startServer }) => {
    const { origin } = await startServer();
    const magpie = await launchMagpie({ args: [`--force-device-scale-factor=${scale}`] });
    const { page } = magpie;
    await connectTo(page, origin);
    await register(page, `scaled_${scale * 10}`);
    await page.getByTestId('rail-settings').click();
    await expect(page.getByTestId('settings-zoom')).toBeVisible();
    await expect.poll(() => page.evaluate(() => devicePixelRatio)).toBe(scale);
    await expect
      .poll(() => page.evaluate(() => document.documentElement.scrollWidth - innerWidth))
      .toBeLessThanOrEqual(0);
    // The window fits the screen, which has fewer points now, or is as small as it can be.
    await expect(async () => {
      const [window, area] = await magpie.app.evaluate(({ BrowserWindow, screen }) => [
        BrowserWindow.getAllWindows()[0]?.getBounds(),
        screen.getPrimaryDisplay().workArea,
      ]);
      expect(window?.width).toBeLessThanOrEqual(Math.max(762, area?.width ?? 0));
      expect(window?.height).toBeLessThanOrEqual(Math.max(560, area?.height ?? 0));
    }).toPass({ timeout: 30_000 });
    await test
      .info()
      .attach(`settings-${scale}.png`, { body: await page.screenshot(), contentType: 'image/png' });
  });
}
