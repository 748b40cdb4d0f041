import type { ExportFormat } from '#protocol/model/completeness';

/** What the menu bar asks of the page; whoever answers the key of a command answers this too. */
export type PageCommand =
  | 'find-conversation'
  | 'next-conversation'
  | 'previous-conversation'
  | 'search-in-chat'
  | 'toggle-pinned'
  | 'toggle-muted'
  | 'toggle-unread'
  | `export-${ExportFormat}`
  | 'toggle-details'
  | 'own-window'
  | 'show-shortcuts';

const EVENT = 'magpie:page-command';

export function runPageCommand(command: PageCommand): void {
  window.dispatchEvent(new CustomEvent(EVENT, { detail: command }));
}

/** Gives the function that ends the subscription. */
export function onPageCommand(command: PageCommand, run: () => void): () => void {
  const listener = (event: Event): void => {
    if ((event as CustomEvent<PageCommand>).detail === command) run();
  };
  window.addEventListener(EVENT, listener);
  return () => window.removeEventListener(EVENT, listener);
}
