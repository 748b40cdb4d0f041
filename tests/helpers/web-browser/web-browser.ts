/** A real browser for pages that people open in theirs: the Chromium of the machine, or else the one inside of Electron. */
import { _electron, chromium, type Page } from '@playwright/test';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { electronFlags } from '../../../scripts/lib/electron-flags.ts';
import type { DesktopSession } from '../desktop/desktop-session.ts';
import { temporaryFolder } from '../temporary-folder.ts';

const PROGRAMS = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const SIZE = { width: 1280, height: 800 };

export interface BrowserOptions {
  locale: 'en-US' | 'zh-CN';
  theme: 'light' | 'dark';
}

export interface WebBrowser {
  page: Page;
  close(): Promise<void>;
}

/** A browser of a person of its own: no cookies, no history. */
export async function openBrowser(
  electronPath: string,
  desktop: DesktopSession,
  { locale, theme }: BrowserOptions,
): Promise<WebBrowser> {
  // For trying the other way on a machine that has one.
  const program = process.env['MAGPIE_TEST_BROWSER'] === 'electron' ? undefined : installedChromium();
  if (program === undefined) return openElectron(electronPath, desktop, { locale, theme });
  const browser = await chromium.launch({
    executablePath: program,
    chromiumSandbox: process.getuid?.() !== 0,
    args: electronFlags(true),
  });
  const context = await browser.newContext({ locale, colorScheme: theme, viewport: SIZE });
  return { page: await context.newPage(), close: () => browser.close() };
}

async function openElectron(
  electronPath: string,
  desktop: DesktopSession,
  { locale, theme }: BrowserOptions,
): Promise<WebBrowser> {
  const app = await _electron.launch({
    executablePath: electronPath,
    args: [
      '-r',
      join(import.meta.dirname, '../hold-until-attached.cjs'),
      ...electronFlags(desktop.virtual),
      `--lang=${locale}`,
      `--user-data-dir=${temporaryFolder('browser')}`,
      join(import.meta.dirname, 'electron-window.cjs'),
    ],
    env: definedOnly({ ...desktop.env, LANGUAGE: locale.replace('-', '_') }),
    colorScheme: theme,
    chromiumSandbox: process.getuid?.() !== 0,
  });
  return { page: await app.firstWindow(), close: () => app.close() };
}

function installedChromium(): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter((folder) => folder !== '');
  return PROGRAMS.flatMap((name) => folders.map((folder) => join(folder, name))).find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function definedOnly(variables: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(variables).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
