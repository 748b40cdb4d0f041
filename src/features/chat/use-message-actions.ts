/** What can be done with a message, from its menu, its hover bar and its error line alike. */
import { shallowRef } from 'vue';
import { Copy, RotateCw, Trash2, Undo2 } from '@lucide/vue';
import { assertNever, toWireError } from '#protocol/errors';
import type { Message } from '#protocol/model/message';
import type { MenuItem } from '../../components/ContextMenu.vue';
import { useErrorText } from '../../composables/use-error-text.ts';
import { useText } from '../../composables/use-text.ts';
import { useDesktopStore } from '../../stores/desktop.ts';
import { useDraftsStore } from '../../stores/drafts.ts';
import { useMessagesStore } from '../../stores/messages.ts';
import { useNoticesStore } from '../../stores/notices.ts';

type Action = 'copy' | 'retry' | 'recall' | 'delete';

export function useMessageActions(messages: () => readonly Message[]) {
  const store = useMessagesStore();
  const desktop = useDesktopStore();
  const drafts = useDraftsStore();
  const notices = useNoticesStore();
  const { t } = useText();
  const errorText = useErrorText();
  const target = shallowRef<Message | null>(null);
  const removing = shallowRef<Message | null>(null);
  const recalling = shallowRef<Message | null>(null);
  let selection = '';

  async function attempt(action: Promise<unknown>): Promise<void> {
    try {
      await action;
    } catch (error) {
      notices.warn(errorText(error));
    }
  }

  const retry = (message: Message): Promise<void> => attempt(store.retry(message.id));
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
  const copy = (message: Message): Promise<void> => attempt(desktop.copyText(message.content.text));
  const openLink = (url: string): Promise<void> => attempt(desktop.openExternal(url));
  const askToRemove = (message: Message): void => void (removing.value = message);

  async function remove(): Promise<void> {
    const message = removing.value;
    removing.value = null;
    if (message !== null) await attempt(store.remove(message));
  }

  async function recall(): Promise<void> {
    const message = recalling.value;
    recalling.value = null;
    if (message !== null) await attempt(store.recall(message));
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
    const { status, recalled, recallable } = target.value;
    const items: MenuItem<Action>[] = [];
    if (!recalled && target.value.content.text !== '')
      items.push({ action: 'copy', label: t('common.copy'), icon: Copy });
    if (status === 'failed' || status === 'unconfirmed')
      items.push({ action: 'retry', label: t('chat.resend'), icon: RotateCw });
    if (recallable) items.push({ action: 'recall', label: t('chat.recall'), icon: Undo2 });
    items.push({ action: 'delete', label: t('chat.deleteHere'), icon: Trash2, danger: true });
    return items;
  }

  function choose(action: Action): Promise<void> | void {
    const message = target.value;
    if (message === null) return;
    switch (action) {
      case 'copy':
        return selection === '' ? copy(message) : attempt(desktop.copyText(selection));
      case 'retry':
        return retry(message);
      case 'recall':
        recalling.value = message;
        return;
      case 'delete':
        return askToRemove(message);
      default:
        return assertNever(action, 'action');
    }
  }

  return { pick, choose, retry, undo, copy, openLink, askToRemove, remove, removing, recall, recalling };
}
