import { Menu, type BrowserWindow } from 'electron';
import type { Locale } from '#protocol/model/settings';
import { contextItems, type ContextMenuActions } from './context-items.ts';
import { MENU_LABELS } from './menu-labels.ts';

/** What has a menu of the page's own keeps that one: the page then says that it took care of the event. */
export function attachContextMenu(
  window: BrowserWindow,
  locale: () => Locale,
  shared: Omit<ContextMenuActions, 'replace' | 'copyImage'>,
): void {
  const { webContents } = window;
  webContents.on('context-menu', (_event, params) => {
    const items = contextItems(params, MENU_LABELS[locale()], {
      ...shared,
      replace: (word) => webContents.replaceMisspelling(word),
      copyImage: () => webContents.copyImageAt(params.x, params.y),
    });
    if (items.length > 0) Menu.buildFromTemplate(items).popup({ window });
  });
}
