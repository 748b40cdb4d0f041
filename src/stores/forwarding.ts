import { shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import { isMedia, type Message } from '#protocol/model/message';
import { call } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** Which message is being sent on to others. */
export const useForwardingStore = defineStore('forwarding', () => {
  const session = useSessionStore();
  const message = shallowRef<Message | null>(null);
  watch(
    () => session.identity,
    () => (message.value = null),
    { flush: 'sync' },
  );

  async function send(messageId: string, to: ConversationId[]): Promise<void> {
    await call('messages:forward', { messageId, to });
  }

  return {
    message,
    begin: (chosen: Message): void => void (message.value = chosen),
    end: (): void => void (message.value = null),
    send,
    /** Only what the server has can be named to others. */
    isPossible: ({ recalled, serverId, content }: Message): boolean =>
      !recalled && serverId !== null && (content.kind === 'text' || isMedia(content)),
  };
});
