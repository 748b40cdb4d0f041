/** A program made with Electron whose fuses are flipped: started as it is and observed through its debugging port. */
import { chromium, type Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { setTimeout } from 'node:timers/promises';
import { electronFlags } from '../../../scripts/lib/electron-flags.ts';
import type { DesktopSession } from '../../helpers/desktop/desktop-session.ts';
import { debuggerAddress } from '../../helpers/debugger-address.ts';
import { endProcess } from '../../helpers/end-process.ts';

const PATIENCE = 60_000;

export interface Observed {
  pid: number;
  page: Page;
  /**
   * Milliseconds from the start of the process to the frame with the largest content of the page, once `selector` is there. The
   * page keeps these times by itself, so observing it costs nothing.
   */
  largestPaint(selector: string): Promise<number>;
  /** Looks away for good: `page` is of no more use, and observing takes nothing any more. */
  leaveAlone(): Promise<void>;
  end(): Promise<void>;
}

export async function startObserved(
  { command, args, profile }: { command: string; args: readonly string[]; profile: string },
  desktop: DesktopSession,
): Promise<Observed> {
  const startedAt = Date.now();
  const child = spawn(
    command,
    [...electronFlags(desktop.virtual), '--remote-debugging-port=0', `--user-data-dir=${profile}`, ...args],
    { env: desktop.env, stdio: ['ignore', 'ignore', 'pipe'], detached: true },
  );
  try {
    const address = await debuggerAddress(child, PATIENCE);
    await pageLoaded(address);
    const browser = await chromium.connectOverCDP(address);
    const [context] = browser.contexts();
    if (context === undefined) throw new Error('the program has no browser context');
    const page = context.pages()[0] ?? (await context.waitForEvent('page', { timeout: PATIENCE }));
    return {
      pid: child.pid ?? 0,
      page,
      async largestPaint(selector) {
        await page.locator(selector).first().waitFor({ timeout: PATIENCE });
        const at = await page.evaluate(
          () =>
            new Promise<number>((resolve) => {
              new PerformanceObserver((list) => {
                const last = list.getEntries().at(-1);
                if (last !== undefined) resolve(performance.timeOrigin + last.startTime);
              }).observe({ type: 'largest-contentful-paint', buffered: true });
            }),
        );
        return at - startedAt;
      },
      leaveAlone: () => browser.close(),
      async end() {
        // The observer first: it would wait for a program that has gone.
        await browser.close().catch(() => undefined);
        killGroup(child, 'SIGTERM');
        await endProcess(child);
        killGroup(child, 'SIGKILL');
      },
    };
  } catch (error) {
    killGroup(child, 'SIGKILL');
    throw error;
  }
}

/** Whoever connects while the first page is being made waits for it in vain. */
async function pageLoaded(address: string): Promise<void> {
  const list = `http://${new URL(address).host}/json/list`;
  for (const limit = Date.now() + PATIENCE; Date.now() < limit; await setTimeout(100)) {
    const targets = (await fetch(list).then((answer) => answer.json())) as { type: string; title: string }[];
    if (targets.some(({ type, title }) => type === 'page' && title !== '')) {
      // Its title comes with its head; what it draws takes a moment more.
      await setTimeout(1_500);
      return;
    }
  }
  throw new Error('the program shows no page');
}

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
