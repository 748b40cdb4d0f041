import type { BrowserWindow } from 'electron';
import type { Logger } from '../support/logger.ts';
import type { ChatWindowsOptions } from './chat-windows.ts';
import { createPageWindow } from './page-window.ts';
import { CHAT_SIZES } from './window-bounds.ts';

export type ChatWindowOptions = Parameters<ChatWindowsOptions['create']>[0] & {
  preload: string;
  pageUrl: string;
  logger: Logger;
};

/** The window of one conversation, and its address. */
export function createChatWindow({ conversationId, pageUrl, logger, ...options }: ChatWindowOptions): {
  created: BrowserWindow;
  url: string;
} {
  const log = logger.module('window');
  const url = `${pageUrl}#/window/${encodeURIComponent(conversationId)}`;
  const created = createPageWindow({
    ...options,
    url,
    title: 'Magpie',
    sizes: CHAT_SIZES,
    hidden: false,
    onLoadFailed: (thrown) => log.error('page-not-loaded', thrown),
  });
  return { created, url };
}
