/** Files of messages on their way to other programs: what could run something is opened only after a question. */
import { shallowRef } from 'vue';
import { toWireError } from '#protocol/errors';
import { isMedia, type Message } from '#protocol/model/message';
import { useErrorText } from '../../composables/use-error-text.ts';
import { useText } from '../../composables/use-text.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useTransfersStore } from '../../stores/transfers.ts';

export function useOpenFile() {
  const transfers = useTransfersStore();
  const notices = useNoticesStore();
  const { t } = useText();
  const errorText = useErrorText();
  /** The message whose file could run something, while the person is asked about it. */
  const asked = shallowRef<Message | null>(null);

  /** Says why it failed, unless that was the person's own wish. */
  async function attempt(message: Message, work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
    } catch (error) {
      const { code } = toWireError(error);
      if (code === 'cancelled') return;
      if (code === 'runs-program') {
        asked.value = message;
        return;
      }
      const name = isMedia(message.content) ? message.content.file.name : '';
      notices.warn(t('media.failed', { name, reason: errorText(error) }));
    }
  }

  return {
    asked,
    attempt,
    open: (message: Message) => attempt(message, () => transfers.open(message.id, false)),
    /** The answer to the question. */
    async openAnyway(): Promise<void> {
      const message = asked.value;
      asked.value = null;
      if (message !== null) await attempt(message, () => transfers.open(message.id, true));
    },
  };
}
