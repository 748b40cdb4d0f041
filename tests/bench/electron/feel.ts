/** What somebody feels in front of the app while it works: its window's tasks, frames and keys, and main's event loop. */
import type { Page } from '@playwright/test';
import type { MagpieProcess } from '../../helpers/magpie-process.ts';
import type { Figure } from '../benchmark.ts';

/** Milliseconds: how often the main process's loop is looked at. */
const RESOLUTION = 2;
/** Between two keys of somebody who types fast. */
const KEY_PAUSE = 90;

interface Felt {
  longestTask: number;
  longTasks: number;
  longestFrame: number;
  keys: number[];
}

/** In the page: watches its tasks, frames and keys from now on. */
async function watchPage(page: Page): Promise<void> {
  // The compiler that runs this file marks inner functions by a helper that the page does not have.
  await page.evaluate('globalThis.__name = (value) => value');
  await page.evaluate(() => {
    const felt = { longestTask: 0, longTasks: 0, longestFrame: 0, keys: [] as number[] };
    Reflect.set(window, 'felt', felt);
    new PerformanceObserver((list) => {
      for (const { duration } of list.getEntries()) {
        felt.longTasks += 1;
        felt.longestTask = Math.max(felt.longestTask, duration);
      }
    }).observe({ type: 'longtask' });
    new PerformanceObserver((list) => {
      for (const { name, duration } of list.getEntries()) if (name === 'keydown') felt.keys.push(duration);
    }).observe({ type: 'event', durationThreshold: 16 } as PerformanceObserverInit);
    let last = performance.now();
    const frame = (now: number) => {
      felt.longestFrame = Math.max(felt.longestFrame, now - last);
      last = now;
      requestAnimationFrame(frame);
    };
    requestAnimationFrame(frame);
  });
}

async function watchMain({ app }: MagpieProcess): Promise<() => Promise<{ p99: number; max: number }>> {
  await app.evaluate((_electron, resolution) => {
    const { monitorEventLoopDelay } = process.getBuiltinModule('node:perf_hooks');
    const histogram = monitorEventLoopDelay({ resolution });
    histogram.enable();
    Reflect.set(globalThis, 'loopDelay', histogram);
  }, RESOLUTION);
  return async () => {
    const { p99, max } = await app.evaluate(() => {
      const histogram = Reflect.get(globalThis, 'loopDelay') as {
        percentile(share: number): number;
        max: number;
        disable(): void;
      };
      histogram.disable();
      return { p99: histogram.percentile(99), max: histogram.max };
    });
    // The histogram holds the time between two looks, which are `resolution` apart when nothing delays them.
    const delay = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - RESOLUTION);
    return { p99: delay(p99), max: delay(max) };
  };
}

/** Watches from now on while somebody types into the field that has the focus, until the figures are asked for. */
export async function feel(magpie: MagpieProcess): Promise<() => Promise<Figure[]>> {
  const { page } = magpie;
  await watchPage(page);
  const mainDelay = await watchMain(magpie);
  let typed = 0;
  let done = false;
  const typing = (async () => {
    while (!done) {
      await page.keyboard.press('abcdefghij'[typed++ % 10] ?? 'a', { delay: 5 });
      await new Promise((resolve) => setTimeout(resolve, KEY_PAUSE));
    }
  })();
  return async () => {
    done = true;
    await typing;
    const { p99, max } = await mainDelay();
    const felt = (await page.evaluate(() => Reflect.get(window, 'felt') as unknown)) as Felt;
    const value = await page.getByTestId('composer-input').inputValue();
    // Durations under 16 ms are not reported, which is as good as none.
    const keys = [...Array.from({ length: Math.max(0, typed - felt.keys.length) }, () => 16), ...felt.keys];
    keys.sort((a, b) => a - b);
    return [
      // The browser reports tasks from 50 ms on.
      {
        name: 'longest task in the window (0: none of 50 ms)',
        value: felt.longestTask,
        unit: 'ms',
        goal: 50,
      },
      { name: 'tasks of 50 ms or more in the window', value: felt.longTasks, unit: '', goal: null },
      { name: 'longest pause between two frames', value: felt.longestFrame, unit: 'ms', goal: null },
      { name: 'event-loop delay of main, p99', value: p99, unit: 'ms', goal: 20 },
      { name: 'event-loop delay of main, longest', value: max, unit: 'ms', goal: null },
      { name: `keys typed meanwhile (${typed}): lost`, value: typed - value.length, unit: '', goal: 0 },
      {
        name: 'from a key to the screen, p95',
        value: keys[Math.floor(keys.length * 0.95)] ?? NaN,
        unit: 'ms',
        goal: 100,
      },
    ];
  };
}
