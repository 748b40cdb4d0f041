import type { ExportFormat } from '#protocol/model/completeness';
import type { Conversation } from '#protocol/model/conversation';
import { useErrorText } from '../../composables/use-error-text.ts';
import { useText } from '../../composables/use-text.ts';
import { useWarned } from '../../composables/use-warned.ts';
import { useDetailsStore } from '../../stores/details.ts';
import { useNoticesStore } from '../../stores/notices.ts';

/** Writes a conversation into a file that the person names, with its progress and its end as notices. */
export function useChatExport(): (conversation: Conversation, format: ExportFormat) => Promise<void> {
  const store = useDetailsStore();
  const notices = useNoticesStore();
  const warned = useWarned();
  const errorText = useErrorText();
  const { t, locale } = useText();

  return async ({ id, name }, format) => {
    // One at a time for each conversation.
    if (store.exports.has(id)) return;
    const toast = notices.follow(() => {
      const progress = store.exports.get(id);
      return {
        text: t('details.exporting', { name }),
        done: progress?.done ?? 0,
        total: progress?.total ?? 0,
        cancel: () => void warned(() => store.cancelExport(id)),
      };
    });
    try {
      const done = await store.exportAs(id, format);
      if (done !== null)
        notices.tell(
          [
            t(
              'details.exported',
              { n: done.count.toLocaleString(locale.value), path: done.path },
              done.count,
            ),
            ...(done.missing > 0 ? [t('details.exportMissing', {}, done.missing)] : []),
          ].join(' '),
        );
    } catch (error) {
      notices.warn(t('details.exportFailed', { reason: errorText(error) }));
    } finally {
      notices.dismiss(toast);
    }
  };
}
