import type { Page } from '@playwright/test';
import { steadyBox } from './steady-box.ts';

/**
 * Drags files over an element and lets them fall, as the browser itself sees it: the page gets a trusted event and files
 * with a real path, which events made in the page do not have.
 *
 * @param paths absolute
 */
export async function dropFiles(page: Page, selector: string, paths: readonly string[]): Promise<void> {
  const drag = await dragFiles(page, selector, paths);
  await drag.drop();
}

/** Holds files over an element; ends with one of the two that come back. */
export async function dragFiles(page: Page, selector: string, paths: readonly string[]) {
  const box = await steadyBox(page.locator(selector).first());
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
  const data = { items: [], files: [...paths], dragOperationsMask: 1 };
  const session = await page.context().newCDPSession(page);
  const send = (type: 'dragEnter' | 'dragOver' | 'drop', place = at) =>
    session.send('Input.dispatchDragEvent', { type, ...place, data });
  await send('dragEnter');
  await send('dragOver');
  return {
    async drop(): Promise<void> {
      await send('drop');
      await session.detach();
    },
    /** The protocol's own way to cancel tells the page nothing; leaving the window does. */
    async leave(): Promise<void> {
      await send('dragOver', { x: -5, y: -5 });
      await session.detach();
    },
  };
}
