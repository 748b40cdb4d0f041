import { onScopeDispose, watch } from 'vue';
import { EXPORT_FORMATS } from '#protocol/model/completeness';
import type { Conversation } from '#protocol/model/conversation';
import { useWarned } from '../../composables/use-warned.ts';
import { onPageCommand, type PageCommand } from '../../lib/page-commands.ts';
import { useConversationsStore } from '../../stores/conversations.ts';
import { useSessionStore } from '../../stores/session.ts';
import { useWindowsStore } from '../../stores/windows.ts';
import { useChatExport } from './use-chat-export.ts';

/** What the menu bar does with the open chat, and what it has to know of it for its check marks. */
export function useChatCommands(conversation: () => Conversation): void {
  const conversations = useConversationsStore();
  const session = useSessionStore();
  const windows = useWindowsStore();
  const warned = useWarned();
  const exportChat = useChatExport();

  const toggle = (name: 'pinned' | 'muted') => () => {
    const { id, [name]: value } = conversation();
    void warned(() => conversations.setSwitch(id, name, !value));
  };
  const toggleUnread = () => {
    const { accountKey } = session;
    if (accountKey === null) return;
    const row = { accountKey, conversation: conversation() };
    void warned(() =>
      row.conversation.unread > 0 ? conversations.markRead(row) : conversations.markUnread(row),
    );
  };
  const commands: [PageCommand, () => void][] = [
    ['toggle-pinned', toggle('pinned')],
    ['toggle-muted', toggle('muted')],
    ['toggle-unread', toggleUnread],
    ...EXPORT_FORMATS.map((format): [PageCommand, () => void] => [
      `export-${format}`,
      () => void exportChat(conversation(), format),
    ]),
  ];
  for (const [command, run] of commands) onScopeDispose(onPageCommand(command, run));

  watch(
    () => {
      const { kind, pinned, muted, unread } = conversation();
      return JSON.stringify({ kind, pinned, muted, unread: unread > 0 });
    },
    (facts) => windows.tellChat(JSON.parse(facts) as Parameters<typeof windows.tellChat>[0]),
    { immediate: true },
  );
  onScopeDispose(() => windows.tellChat(null));
}
