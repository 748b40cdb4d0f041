/** Who may have covers of videos made (E42), and how many at once: each costs a processor, and elsewhere a copy of the film. */
import type { Cover, CoverRequest } from '../files/video-cover.ts';
import { Refusal } from './refusal.ts';
import { TOO_OFTEN } from './throttle.ts';

/** Runs side by side, and those that wait for their turn. */
const PARALLEL = 2;
const MOST_WAITING = 16;

/** Bytes of covers that are remembered: clients ask again when an answer was lost, and for each send of a film. */
const MEMORY = 16 * 1024 * 1024;

export type CoverOf = Omit<CoverRequest, 'path'> & { sha256: string };

/** @param make the work itself, which the limits are for */
export function videoCovers(
  make: (order: CoverOf) => Promise<Cover>,
): (accountId: number, order: CoverOf) => Promise<Buffer> {
  /** Accounts for which one is made or waits. */
  const served = new Set<number>();
  const waiting: (() => void)[] = [];
  /** The one that was asked for longest ago comes first. */
  const known = new Map<string, Buffer>();
  let free = PARALLEL;
  let remembered = 0;

  async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    if (free > 0) free -= 1;
    else if (waiting.length >= MOST_WAITING) throw new Refusal(TOO_OFTEN, { status: 429, retryAfter: 5 });
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) free += 1;
      else next();
    }
  }

  function remember(key: string, image: Buffer): void {
    forget(key);
    known.set(key, image);
    remembered += image.length;
    for (const oldest of known.keys()) {
      if (remembered <= MEMORY) break;
      forget(oldest);
    }
  }
  function forget(key: string): void {
    remembered -= known.get(key)?.length ?? 0;
    known.delete(key);
  }

  return async (accountId, order) => {
    if (served.has(accountId)) throw new Refusal(TOO_OFTEN, { status: 429, retryAfter: 1 });
    served.add(accountId);
    try {
      const key = [order.sha256, order.time, order.width, order.format].join(' ');
      let image = known.get(key);
      if (image === undefined) {
        const cover = await inTurn(() => make(order));
        if (!cover.ok) {
          throw new Refusal(
            cover.reason === 'nothing-there' ? '截图生成失败' : `截图处理失败: ${cover.text}`,
          );
        }
        ({ image } = cover);
      }
      remember(key, image);
      return image;
    } finally {
      served.delete(accountId);
    }
  };
}
