import type { Locator } from '@playwright/test';
import { until } from './until.ts';

type Box = NonNullable<Awaited<ReturnType<Locator['boundingBox']>>>;

/** Where an element is in the page, once it stays there: what is aimed at must not move meanwhile. */
export async function steadyBox(element: Locator): Promise<Box> {
  let last: Box | null = null;
  return until(
    async () => {
      const box = await element.boundingBox();
      const stays = box !== null && JSON.stringify(box) === JSON.stringify(last);
      last = box;
      return stays ? box : null;
    },
    { what: `${String(element)} to stay where it is` },
  );
}
