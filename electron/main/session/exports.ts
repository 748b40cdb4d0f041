import { MagpieError } from '#protocol/errors';
import type { ExportFormat } from '#protocol/model/completeness';
import type { ConversationId } from '#protocol/model/conversation';
import type { Locale } from '#protocol/model/settings';
import { exportConversation, suggestedFileName } from '../export/export-conversation.ts';
import type { History } from '../history/history.ts';
import type { AccountMedia } from '../media/account-media.ts';
import type { Clock } from '../support/clock.ts';
import type { CompletenessKeeper } from './completeness.ts';
import type { RuntimeEvents } from './runtime-events.ts';

export interface ExportsOptions {
  history: Pick<History, 'conversation' | 'pageAfter' | 'countMessages'>;
  clock: Clock;
  media: Pick<AccountMedia, 'save' | 'cancelSaving'>;
  completeness: Pick<CompletenessKeeper, 'of'>;
  events: Pick<RuntimeEvents, 'exported'>;
}

/** Conversations that are being written to files, each at most once at a time. */
export function createExports({ history, clock, media, completeness, events }: ExportsOptions) {
  const running = new Map<ConversationId, AbortController>();

  return {
    /** `choose` asks the person for a place; null when they named none. */
    async export(
      input: { conversationId: ConversationId; format: ExportFormat; locale: Locale },
      choose: (fileName: string) => Promise<string | null>,
    ): Promise<{ path: string; count: number; missing: number } | null> {
      const { conversationId, format, locale } = input;
      if (running.has(conversationId)) throw new MagpieError('not-allowed', 'already being exported');
      const abort = new AbortController();
      running.set(conversationId, abort);
      try {
        const conversation = await history.conversation(conversationId);
        if (conversation === null) throw new MagpieError('not-found', 'no such conversation');
        const path = await choose(suggestedFileName(conversation.name, clock.now(), format));
        if (path === null) return null;
        return await exportConversation({
          history,
          conversation,
          completeness: await completeness.of(conversationId),
          exportedAt: clock.now(),
          locale,
          format,
          path,
          async saveFile(file, place) {
            const id = `export:${place}`;
            const cancel = () => media.cancelSaving(id);
            abort.signal.addEventListener('abort', cancel);
            try {
              await media.save(file, id, { path: place });
            } finally {
              abort.signal.removeEventListener('abort', cancel);
            }
          },
          onProgress: (done, total) => events.exported({ conversationId, done, total }),
          signal: abort.signal,
        });
      } finally {
        running.delete(conversationId);
      }
    },
    cancel: (conversationId: ConversationId): void => running.get(conversationId)?.abort(),
    stop(): void {
      for (const one of running.values()) one.abort();
    },
  };
}
