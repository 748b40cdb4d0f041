import { defineStore } from 'pinia';
import type { LinkCard } from '#protocol/model/message';
import { LINK_CARD } from '#protocol/wire/link-card';
import { call } from '../bridge.ts';
import { drawForCard } from '../lib/media/picture.ts';

/** Cards of pages that somebody is about to send links to. */
export const useLinksStore = defineStore('links', () => {
  /** Null where the page has nothing to show, or cannot be reached. */
  async function look(href: string, url: string): Promise<LinkCard | null> {
    const found = await call('links:preview', { url: href }).catch(() => null);
    if (found === null) return null;
    const { picture, ...words } = found;
    const drawn =
      picture === null
        ? ''
        : await drawForCard(new Blob([picture.bytes as Uint8Array<ArrayBuffer>]), LINK_CARD.picture);
    return { url, ...words, picture: drawn };
  }
  return { look };
});
