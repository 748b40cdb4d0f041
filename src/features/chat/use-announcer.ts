import { ref, watch, type Ref } from 'vue';
import type { OpenConversation } from '../../stores/messages.ts';
import { arrivals } from '../../lib/message-merge.ts';
import { useText } from '../../composables/use-text.ts';

/** What a screen reader says about messages that just came: once, politely, and never for older pages. */
export function useAnnouncer(state: () => OpenConversation): Readonly<Ref<string>> {
  const { t } = useText();
  const announcement = ref('');
  watch(
    () => state().messages,
    (now, before) => {
      // A part of the past that somebody went to.
      if (state().hasNewer) return;
      const fresh = arrivals(before, now).filter(({ own }) => !own);
      const only = fresh[0];
      if (only === undefined) return;
      announcement.value =
        fresh.length > 1
          ? t('chat.newMessages', {}, fresh.length)
          : t('chat.announce', { name: only.senderName, text: only.content.text.slice(0, 300) });
    },
  );
  return announcement;
}
