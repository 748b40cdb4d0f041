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

/** Drags a part of a page out of a browser and lets it fall: what it offers, by type. */
export async function dropPagePart(
  page: Page,
  selector: string,
  offers: Record<string, string>,
): Promise<void> {
  const items = Object.entries(offers).map(([mimeType, data]) => ({ mimeType, data }));
  const drag = await dragData(page, selector, { items, dragOperationsMask: 1 });
  await drag.drop();
}

/** Holds files over an element; ends with one of the two that come back. */
export function dragFiles(page: Page, selector: string, paths: readonly string[]) {
  return dragData(page, selector, { items: [], files: [...paths], dragOperationsMask: 1 });
}

interface DragData {
  items: { mimeType: string; data: string }[];
  files?: string[];
  /** 1: copy. */
  dragOperationsMask: number;
}
async function dragData(page: Page, selector: string, data: DragData) {
  const box = await steadyBox(page.locator(selector).first());
  const at = { x: box.x + box.width / 2, y: box.y + box.height / 2 };
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
