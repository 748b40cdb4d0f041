/** Files into the tray, from wherever they come, with an answer for each that cannot be sent. */
import type { Conversation, ConversationId } from '#protocol/model/conversation';
import type { WireError } from '#protocol/errors';
import { useEndedText } from './use-ended-text.ts';
import { useErrorText } from './use-error-text.ts';
import { useText } from './use-text.ts';
import type { Dropped } from '../lib/media/dropped.ts';
import { useAttachmentsStore, type Attachment } from '../stores/attachments.ts';
import { useDraftsStore } from '../stores/drafts.ts';
import { useFoldersStore } from '../stores/folders.ts';
import { useNoticesStore } from '../stores/notices.ts';
import type { Unusable } from '../stores/sendable.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { useWindowsStore } from '../stores/windows.ts';

/** So many names are told in full; of more, one less and how many there are beside them. */
const MOST_NAMES = 3;
const REASONS: readonly Unusable['reason'][] = ['empty', 'too-large', 'too-many'];

export function useAttaching() {
  const attachments = useAttachmentsStore();
  const drafts = useDraftsStore();
  const folders = useFoldersStore();
  const notices = useNoticesStore();
  const settings = useSettingsStore();
  const windows = useWindowsStore();
  const { t, locale } = useText();
  const errorText = useErrorText();
  const endedText = useEndedText();

  function named(names: readonly string[]): string {
    const list = new Intl.ListFormat(locale.value, { type: 'conjunction', style: 'narrow' });
    if (names.length <= MOST_NAMES) return list.format(names);
    const told = names.slice(0, MOST_NAMES - 1);
    return t('media.unusable.more', { names: list.format(told), n: names.length - told.length });
  }
  /** One answer for all that came together, or the last ones would push the first ones out. */
  function refuse(unusable: readonly Unusable[]): void {
    const lines = REASONS.flatMap((reason) => {
      const names = unusable.filter((one) => one.reason === reason).map(({ name }) => name);
      return names.length === 0 ? [] : [t(`media.unusable.${reason}`, { names: named(names) }, names.length)];
    });
    if (lines.length > 0) notices.warn(lines.join('\n'));
  }
  function tellFailures(failures: readonly WireError[]): void {
    const reasons = [...new Set(failures.map((failure) => errorText(failure)))];
    if (reasons.length > 0) notices.warn(t('media.notSent', { reason: reasons.join('\n') }));
  }

  /** A folder is asked about where its chat is: nothing of it can be shown from here. */
  async function handOver(
    conversationId: ConversationId,
    { files, folders: dirs, words }: Dropped,
  ): Promise<void> {
    if (dirs.length > 0) notices.warn(t('windows.folderThere'));
    try {
      const { unusable, failures } = await windows.handOver(conversationId, files, words ?? '');
      refuse(unusable);
      tellFailures(failures);
    } catch (error) {
      notices.warn(t('media.notSent', { reason: errorText(error) }));
    }
  }

  /**
   * What lies in the tray now. Nothing where it was sent: the person wants pictures to go at once, unless there is a
   * `choice` to be made first; or where it lies in the tray of another window.
   */
  async function attach(
    conversationId: ConversationId,
    dropped: Dropped,
    { choice = false } = {},
  ): Promise<readonly Attachment[]> {
    if (dropped.lack !== undefined) notices.warn(t(`media.lack.${dropped.lack}`));
    if (windows.isElsewhere(conversationId)) {
      await handOver(conversationId, dropped);
      return [];
    }
    if (dropped.words !== undefined) drafts.append(conversationId, dropped.words);
    for (const folder of dropped.folders) folders.ask(conversationId, folder);
    const { added, unusable } = await attachments.add(conversationId, dropped.files);
    refuse(unusable);
    const goAtOnce =
      settings.settings.sendPicturesAtOnce && !choice && added.every(({ isPicture }) => isPicture);
    if (!goAtOnce || added.length === 0) return added;
    tellFailures(await attachments.send(conversationId, () => Promise.resolve(), added));
    return [];
  }
  /** Why nothing can be sent there; empty where it can. */
  function refusalOf(conversation: Conversation): string {
    if (conversation.kind === 'service') return t('media.notHere');
    const reason = endedText(conversation);
    return reason === '' ? '' : t('media.notSent', { reason });
  }
  return { attach, refusalOf };
}
