/** What can be done with a message, from its menu, its hover bar and its error line alike. */
import { ref, shallowRef, type Ref } from 'vue';
import {
  Copy,
  Download,
  ExternalLink,
  Flag,
  FolderOpen,
  Forward,
  HardDriveDownload,
  RotateCw,
  Smile,
  Trash2,
  Undo2,
  UserRound,
} from '@lucide/vue';
import { assertNever, toWireError } from '#protocol/errors';
import { isMedia, type Message } from '#protocol/model/message';
import type { MenuItem } from '../../components/ContextMenu.vue';
import { useErrorText } from '../../composables/use-error-text.ts';
import { useWarned } from '../../composables/use-warned.ts';
import { useText } from '../../composables/use-text.ts';
import { stageIdOf } from '../../lib/media/addresses.ts';
import { roughDuration } from '../../lib/time.ts';
import { useCodesStore } from '../../stores/codes.ts';
import { useDesktopStore } from '../../stores/desktop.ts';
import { useDraftsStore } from '../../stores/drafts.ts';
import { useForwardingStore } from '../../stores/forwarding.ts';
import { useMessagesStore } from '../../stores/messages.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { usePersonCardStore } from '../../stores/person-card.ts';
import { useServiceDeskStore } from '../../stores/service-desk.ts';
import { useSessionStore } from '../../stores/session.ts';
import { useStickersStore } from '../../stores/stickers.ts';
import { useTransfersStore } from '../../stores/transfers.ts';
import { useOpenFile } from './use-open-file.ts';

type Action =
  | 'copy'
  | 'copy-image'
  | 'keep-sticker'
  | 'open'
  | 'save-as'
  | 'show-in-folder'
  | 'forward'
  | 'toggle-kept'
  | 'retry'
  | 'recall'
  | 'profile'
  | 'report'
  | 'delete';

export function useMessageActions(messages: () => readonly Message[]) {
  const store = useMessagesStore();
  const desktop = useDesktopStore();
  const drafts = useDraftsStore();
  const notices = useNoticesStore();
  const card = usePersonCardStore();
  const codes = useCodesStore();
  const transfers = useTransfersStore();
  const forwarding = useForwardingStore();
  const desk = useServiceDeskStore();
  const session = useSessionStore();
  const stickers = useStickersStore();
  const { t, locale } = useText();
  const errorText = useErrorText();
  const warned = useWarned();
  const opening = useOpenFile();
  const target = shallowRef<Message | null>(null);
  const removing = shallowRef<Message | null>(null);
  const recalling = shallowRef<Message | null>(null);
  /** The message that is being recalled is to be written anew. */
  const editing = shallowRef(false);
  let selection = '';

  const retry = (message: Message) => warned(() => store.retry(message.id));
  /** Back into the field, before what was typed meanwhile; false when it had left already. */
  async function undo(message: Message): Promise<boolean> {
    try {
      drafts.giveBack(message.conversationId, await store.undo(message));
      return true;
    } catch (error) {
      const isGone = toWireError(error).code === 'not-allowed';
      notices.warn(isGone ? t('chat.undoTooLate') : errorText(error));
      return false;
    }
  }
  const keep = (message: Message) => warned(() => store.keep(message.id));
  const setAside = (message: Message) => warned(() => store.setAside(message.id));
  const copy = (message: Message) => warned(() => desktop.copyText(message.content.text));
  /** Links to people and groups stay in the app, whatever form they have. */
  const openLink = async (url: string): Promise<void> => {
    if (!codes.follow(url)) await warned(() => desktop.openExternal(url));
  };
  /** Nothing of it has arrived yet: the person need not be asked. */
  const cancelUpload = (message: Message) => warned(() => store.remove(message));
  async function keepSticker({ id }: Message): Promise<void> {
    try {
      await stickers.keep(id);
      notices.tell(t('expressions.kept'));
    } catch (error) {
      const { details } = toWireError(error);
      notices.warn(details?.field === 'size' ? t('expressions.tooLarge') : errorText(error));
    }
  }
  async function toggleKept({ id }: Message): Promise<void> {
    await warned(async () => {
      notices.tell(t((await transfers.toggleKept(id)) ? 'mediaCache.kept' : 'mediaCache.notKept'));
    });
  }
  /** Whether its file stays on this computer; known a moment after the menu is open. */
  function keptState({ id }: Message): Readonly<Ref<boolean>> {
    const kept = ref(false);
    void transfers
      .isKept(id)
      .then((stays) => (kept.value = stays))
      .catch(() => undefined);
    return kept;
  }
  const askToRemove = (message: Message): void => void (removing.value = message);

  function showProfile({ senderId, senderName, senderAvatar }: Message): void {
    card.open({ accountId: senderId, name: senderName, avatar: senderAvatar });
  }

  /** Only what the server has can be proved to its administrators; guests cannot complain. */
  const mayReport = ({ own, recalled, serverId, senderId }: Message): boolean =>
    !own && !recalled && serverId !== null && senderId > 0 && !session.isGuest;

  /** About the person who wrote it, wherever that was. */
  function report({ id, conversationId, senderId, senderName }: Message): void {
    desk.startComplaint({
      subject: { kind: 'single', id: senderId, name: senderName },
      conversationId,
      messageId: id,
    });
  }

  async function remove(): Promise<void> {
    const message = removing.value;
    removing.value = null;
    if (message !== null) await warned(() => store.remove(message));
  }

  function askToRecall(message: Message, toEdit = false): void {
    recalling.value = message;
    editing.value = toEdit;
  }

  /** True when its words are back in the field. */
  async function recall(): Promise<boolean> {
    const message = recalling.value;
    recalling.value = null;
    if (message === null) return false;
    const toEdit = editing.value;
    if (!(await warned(() => store.recall(message)))) return false;
    if (toEdit) drafts.giveBack(message.conversationId, message.content.text);
    return toEdit;
  }

  /** The text marked inside the message, if any: that is what "copy" means then. */
  function markedIn(element: Element): string {
    const marked = window.getSelection();
    return marked !== null && !marked.isCollapsed && marked.containsNode(element, true)
      ? marked.toString()
      : '';
  }

  function pick(element: Element): MenuItem<Action>[] {
    const row = element.closest<HTMLElement>('[data-message-id]');
    target.value = messages().find(({ id }) => id === row?.dataset['messageId']) ?? null;
    if (row === null || target.value === null) return [];
    selection = markedIn(row);
    const { status, recalled, recallableUntil } = target.value;
    const left = (recallableUntil ?? 0) - Date.now();
    const items: MenuItem<Action>[] = [];
    const { content } = target.value;
    const isPicture = content.kind === 'image' || content.kind === 'sticker';
    if (!recalled && isPicture) items.push({ action: 'copy-image', label: t('media.copyImage'), icon: Copy });
    if (!recalled && isPicture)
      items.push({ action: 'keep-sticker', label: t('expressions.keepSticker'), icon: Smile });
    if (!recalled && isMedia(content)) {
      items.push({ action: 'open', label: t('media.open'), icon: ExternalLink });
      items.push({ action: 'save-as', label: t('media.saveAs'), icon: Download });
      items.push({ action: 'show-in-folder', label: t('media.showInFolder'), icon: FolderOpen });
    }
    if (!recalled && content.text !== '') items.push({ action: 'copy', label: t('common.copy'), icon: Copy });
    if (!recalled && isMedia(content) && stageIdOf(content.file.url) === null)
      items.push({
        ...{ action: 'toggle-kept', label: t('mediaCache.toggle'), icon: HardDriveDownload },
        checked: keptState(target.value),
      });
    if (forwarding.isPossible(target.value))
      items.push({ action: 'forward', label: t('forward.title'), icon: Forward });
    if (status === 'failed' || status === 'unconfirmed')
      items.push({ action: 'retry', label: t('chat.resend'), icon: RotateCw });
    if (left > 0) {
      const label = t('chat.recallLeft', { time: roughDuration(left, locale.value) });
      items.push({ action: 'recall', label, icon: Undo2 });
    }
    if (!target.value.own && target.value.senderId > 0)
      items.push({ action: 'profile', label: t('person.view'), icon: UserRound });
    if (mayReport(target.value)) items.push({ action: 'report', label: t('complaints.report'), icon: Flag });
    items.push({ action: 'delete', label: t('chat.deleteHere'), icon: Trash2, danger: true });
    return items;
  }

  function choose(action: Action): Promise<unknown> | void {
    const message = target.value;
    if (message === null) return;
    switch (action) {
      case 'copy':
        return selection === '' ? copy(message) : warned(() => desktop.copyText(selection));
      case 'copy-image':
        return warned(() => transfers.copyImage(message.id));
      case 'keep-sticker':
        return keepSticker(message);
      case 'open':
        return opening.open(message);
      case 'save-as':
        return opening.attempt(message, () => transfers.saveAs(message.id));
      case 'show-in-folder':
        return opening.attempt(message, () => transfers.showInFolder(message.id));
      case 'toggle-kept':
        return toggleKept(message);
      case 'forward':
        return forwarding.begin(message);
      case 'retry':
        return retry(message);
      case 'recall':
        askToRecall(message);
        return;
      case 'profile':
        return showProfile(message);
      case 'report':
        return report(message);
      case 'delete':
        return askToRemove(message);
      default:
        return assertNever(action, 'action');
    }
  }

  return {
    pick,
    choose,
    showProfile,
    retry,
    keep,
    setAside,
    undo,
    copy,
    openLink,
    askToRemove,
    cancelUpload,
    remove,
    removing,
    askToRecall,
    recall,
    recalling,
    editing,
    /** Of the file that could run something. */
    programAsked: opening.asked,
    openAnyway: opening.openAnyway,
  };
}
