import type { BrowserWindow } from 'electron';
import type { SettingsStore } from '../settings/settings.ts';
import type { Logger } from '../support/logger.ts';
import { createPageWindow } from './page-window.ts';
import { MAIN_SIZES } from './window-bounds.ts';

export interface MainWindowOptions {
  preload: string;
  pageUrl: string;
  settings: SettingsStore;
  logger: Logger;
  hidden: boolean;
}

/** The window with everything in it. */
export function createMainWindow({ settings, logger, ...options }: MainWindowOptions): BrowserWindow {
  const log = logger.module('window');
  const { resumePath } = settings.read();
  // Once: the next start begins where every start begins.
  if (resumePath !== null) settings.update(() => ({ resumePath: null }));
  return createPageWindow({
    ...options,
    url: resumePath === null ? options.pageUrl : `${options.pageUrl}#${resumePath}`,
    title: 'Magpie',
    sizes: MAIN_SIZES,
    stored: settings.read().window,
    onBounds: (bounds) => void settings.update(() => ({ window: bounds })),
    onLoadFailed: (thrown) => log.error('page-not-loaded', thrown),
  });
}
