/** A program made with Electron whose fuses are flipped: started as it is and observed through its debugging port. */
import type { Page } from '@playwright/test';
import { spawn, type ChildProcess } from 'node:child_process';
import { electronFlags } from '../../../scripts/lib/electron-flags.ts';
import type { DesktopSession } from '../../helpers/desktop/desktop-session.ts';
import { firstPage } from '../../helpers/debugging-port.ts';
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
    const { browser, page } = await firstPage(child, PATIENCE);
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

function killGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  try {
    if (child.pid !== undefined) process.kill(-child.pid, signal);
  } catch {
    // It has ended by itself.
  }
}
