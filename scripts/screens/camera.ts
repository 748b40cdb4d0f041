/** Takes what is on screen, the same in every run. */
import { join } from 'node:path';
import { expect, type Page } from '@playwright/test';

export const OUT = join('docs', 'screens');
const THEMES = ['light', 'dark'] as const;
const LANGUAGES = ['zh-CN', 'en'] as const;
/** Says the same about everything that is different in each run. */
async function steady(page: Page): Promise<void> {
  await page.evaluate(() => {
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
      // What can be chosen is the same in every run.
      if (node.parentElement?.closest('[role="radiogroup"]')) continue;
      const text = node.nodeValue ?? '';
      const same = text
        .replaceAll(/VIS\w{8}/gu, 'VIS4f2a91c0')
        .replaceAll(/\b(?:[0-9A-F]{4} ?){16}/gu, '4F2A '.repeat(16).trim())
        .replaceAll(/\b[\d.]+ GB\b/gu, '82.7 GB')
        .replaceAll(/127\.0\.0\.1:\d+/gu, 'chat.example')
        .replaceAll(/\b\d{1,2}:\d{2}(?::\d{2})?\b(?: [AP]M)?/gu, '10:24');
      if (same !== text) node.nodeValue = same;
    }
  });
}

/** Dismisses what passes by itself: whether it is still there would be chance. The click leaves an open dialog open. */
async function withoutToasts(page: Page): Promise<void> {
  const toasts = page.getByTestId('toast');
  await toasts.evaluateAll((all) => {
    for (const toast of all) toast.querySelector<HTMLElement>('button[aria-label]')?.click();
  });
  await expect(toasts).toHaveCount(0);
}

export class Camera {
  readonly pictures: string[] = [];
  readonly #page: Page;

  constructor(page: Page) {
    this.#page = page;
  }

  /** Takes what is on screen, in both themes and both languages. */
  async take(name: string): Promise<void> {
    const page = this.#page;
    // A pointer that rests on something would show hover colours.
    await page.mouse.move(1, 1);
    for (const language of LANGUAGES)
      for (const theme of THEMES) {
        await page.evaluate(
          async (settings) => {
            const bridge = Reflect.get(window, 'magpie') as {
              invoke(channel: string, input: unknown): Promise<unknown>;
            };
            await bridge.invoke('settings:update', settings);
          },
          { theme, language },
        );
        await expect(page.locator('html')).toHaveAttribute('data-theme', theme);
        await expect(page.locator('html')).toHaveAttribute('lang', language);
        await withoutToasts(page);
        await steady(page);
        const file = `${name}-${theme}-${language === 'en' ? 'en' : 'zh'}.png`;
        await page.screenshot({ path: join(OUT, file), animations: 'disabled', caret: 'hide' });
        this.pictures.push(file);
      }
  }
}
