/** The card of the first link in what is being typed, for those who want one. */
import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import type { LinkCard } from '#protocol/model/message';
import { LINK_CARD } from '#protocol/wire/link-card';
import { linkify } from '../../lib/linkify.ts';
import { useLinksStore } from '../../stores/links.ts';
import { useSettingsStore } from '../../stores/settings.ts';

/** An address that is still being typed is none yet; milliseconds. */
const PAUSE = 500;

export function useLinkPreview(text: () => string) {
  const links = useLinksStore();
  const settings = useSettingsStore();
  const card = shallowRef<LinkCard | null>(null);
  /** By what stands in the text, null while nothing is known: no page is asked twice for one message. */
  const known = new Map<string, LinkCard | null>();
  /** The person wants no card of them. */
  const unwanted = new Set<string>();
  let pause: ReturnType<typeof setTimeout> | undefined;

  const link = computed(() => {
    if (!settings.settings.linkPreviews) return null;
    const first = linkify(text()).find((part) => part.kind === 'link' && /^https?:/iu.test(part.href));
    return first?.kind === 'link' && first.href.length <= LINK_CARD.url ? first : null;
  });

  async function look(url: string, href: string): Promise<void> {
    if (!known.has(url)) {
      known.set(url, null);
      known.set(url, await links.look(href, url));
    }
    if (link.value?.text === url && !unwanted.has(url)) card.value = known.get(url) ?? null;
  }
  watch(
    () => link.value?.text,
    () => {
      clearTimeout(pause);
      card.value = null;
      const wanted = link.value;
      if (wanted === null) {
        // The next message asks anew: pages change.
        if (text() === '') {
          known.clear();
          unwanted.clear();
        }
        return;
      }
      pause = setTimeout(() => void look(wanted.text, wanted.href), known.has(wanted.text) ? 0 : PAUSE);
    },
    { immediate: true },
  );
  onScopeDispose(() => clearTimeout(pause));

  function dismiss(): void {
    if (card.value !== null) unwanted.add(card.value.url);
    card.value = null;
  }
  return { card, dismiss };
}
