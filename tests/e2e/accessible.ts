/** What axe says about a screen, in both themes. */
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { expect } from './fixtures.ts';

const THEMES = ['light', 'dark'] as const;

async function setTheme(page: Page, theme: (typeof THEMES)[number]): Promise<void> {
  await page.evaluate(async (wanted) => {
    const bridge = Reflect.get(window, 'magpie') as {
      invoke(channel: string, input: unknown): Promise<unknown>;
    };
    await bridge.invoke('settings:update', { theme: wanted });
  }, theme);
  await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
}

/** Looks at the screen as it is now, in both themes; what is serious fails the test once it has seen the rest. */
export async function expectAccessible(page: Page, screen: string): Promise<void> {
  for (const theme of THEMES) {
    await setTheme(page, theme);
    // Legacy mode stays in this window: the app lets nobody open another one.
    const { violations } = await new AxeBuilder({ page }).setLegacyMode(true).analyze();
    const bad = violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) =>
        nodes.map(
          ({ html, any }) => `${id}: ${html.slice(0, 160)} ${any.map((check) => check.message).join(' ')}`,
        ),
      );
    expect.soft(bad, `${screen}, ${theme}`).toEqual([]);
  }
}
