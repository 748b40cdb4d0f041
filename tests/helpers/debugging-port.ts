/** Programs whose fuses forbid what Playwright's launcher needs are driven through their debugging port. */
import { chromium, type Browser, type Page } from '@playwright/test';
import type { ChildProcess } from 'node:child_process';
import { setTimeout as pass } from 'node:timers/promises';

/**
 * The first page of a program that was started with `--remote-debugging-port=0`; its stderr must be a pipe. `patience` in
 * milliseconds, for each step.
 */
export async function firstPage(
  child: ChildProcess,
  patience: number,
): Promise<{ browser: Browser; page: Page }> {
  const address = await debuggerAddress(child, patience);
  await pageLoaded(address, patience);
  const browser = await chromium.connectOverCDP(address, { timeout: patience });
  const [context] = browser.contexts();
  if (context === undefined) throw new Error('the program has no browser context');
  const page = context.pages()[0] ?? (await context.waitForEvent('page', { timeout: patience }));
  return { browser, page };
}

function debuggerAddress(child: ChildProcess, patience: number): Promise<string> {
  return new Promise((resolve, reject) => {
    let output = '';
    const limit = setTimeout(() => reject(new Error(`no window came; output:\n${output}`)), patience);
    child.stderr?.on('data', (chunk: Buffer) => {
      output += chunk.toString();
      const address = /DevTools listening on (ws:\S+)/.exec(output)?.[1];
      if (address === undefined) return;
      clearTimeout(limit);
      resolve(address);
    });
    child.once('exit', (code) => {
      clearTimeout(limit);
      reject(new Error(`it ended with ${code}; output:\n${output}`));
    });
  });
}

/** Whoever connects while the first page is being made waits for it in vain. */
async function pageLoaded(address: string, patience: number): Promise<void> {
  const list = `http://${new URL(address).host}/json/list`;
  for (const limit = Date.now() + patience; Date.now() < limit; await pass(100)) {
    const targets = (await fetch(list).then((answer) => answer.json())) as { type: string; title: string }[];
    if (targets.some(({ type, title }) => type === 'page' && title !== '')) {
      // Its title comes with its head; what it draws takes a moment more.
      await pass(1_500);
      return;
    }
  }
  throw new Error('the program shows no page');
}
