/** Files into the tray, from wherever they come, with an answer for each that cannot be sent. */
import type { ConversationId } from '#protocol/model/conversation';
import { useErrorText } from './use-error-text.ts';
import { useText } from './use-text.ts';
import type { Dropped } from '../lib/media/dropped.ts';
import { useAttachmentsStore, type Attachment } from '../stores/attachments.ts';
import { useDraftsStore } from '../stores/drafts.ts';
import { useFoldersStore } from '../stores/folders.ts';
import { useNoticesStore } from '../stores/notices.ts';
import { useSettingsStore } from '../stores/settings.ts';

export function useAttaching() {
  const attachments = useAttachmentsStore();
  const drafts = useDraftsStore();
  const folders = useFoldersStore();
  const notices = useNoticesStore();
  const settings = useSettingsStore();
  const { t } = useText();
  const errorText = useErrorText();

  /**
   * What lies in the tray now. Nothing where it was sent: the person wants pictures to go at once, unless there is a
   * `choice` to be made first.
   */
  async function attach(
    conversationId: ConversationId,
    dropped: Dropped,
    { choice = false } = {},
  ): Promise<readonly Attachment[]> {
    if (dropped.words !== undefined) drafts.append(conversationId, dropped.words);
    if (dropped.lack !== undefined) notices.warn(t(`media.lack.${dropped.lack}`));
    for (const folder of dropped.folders) folders.ask(conversationId, folder);
    const { added, unusable } = await attachments.add(conversationId, dropped.files);
    for (const { reason, name } of unusable) notices.warn(t(`media.unusable.${reason}`, { name }));
    const goAtOnce =
      settings.settings.sendPicturesAtOnce && !choice && added.every(({ isPicture }) => isPicture);
    if (!goAtOnce || added.length === 0) return added;
    for (const failure of await attachments.send(conversationId, () => Promise.resolve(), added))
      notices.warn(t('media.notSent', { reason: errorText(failure) }));
    return [];
  }
  return { attach };
}
