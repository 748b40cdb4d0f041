/** Files into the tray, from wherever they come, with an answer for each that cannot be sent. */
import type { ConversationId } from '#protocol/model/conversation';
import { useText } from './use-text.ts';
import type { Dropped } from '../lib/media/dropped.ts';
import { useAttachmentsStore } from '../stores/attachments.ts';
import { useNoticesStore } from '../stores/notices.ts';

export function useAttaching() {
  const attachments = useAttachmentsStore();
  const notices = useNoticesStore();
  const { t } = useText();

  async function attach(conversationId: ConversationId, { files, folders }: Dropped): Promise<void> {
    for (const name of folders) notices.warn(t('media.unusable.folder', { name }));
    for (const { reason, name } of await attachments.add(conversationId, files)) {
      notices.warn(t(`media.unusable.${reason}`, { name }));
    }
  }
  return { attach };
}
