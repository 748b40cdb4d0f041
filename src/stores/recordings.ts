import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import type { Recording } from '../lib/media/recorder.ts';
import { useAccountsStore } from './accounts.ts';
import { useAttachmentsStore } from './attachments.ts';
import { useSessionStore } from './session.ts';

/** A conversation of an account: ids are unique within one account only. */
interface Place {
  readonly accountKey: string | null;
  readonly conversationId: ConversationId;
}

/** What was spoken and is not sent yet, one per conversation: it waits there while the person is elsewhere. */
export const useRecordingsStore = defineStore('recordings', () => {
  const session = useSessionStore();
  const accounts = useAccountsStore();
  const attachments = useAttachmentsStore();
  const waiting = shallowReactive(new Map<string, Recording>());
  /** Those on their way into their conversation. */
  const leaving = shallowReactive(new Set<string>());
  const keyOf = ({ accountKey, conversationId }: Place): string => `${accountKey}|${conversationId}`;

  /** It stays where it is when it cannot be sent. */
  async function send(place: Place): Promise<void> {
    const key = keyOf(place);
    const recording = waiting.get(key);
    if (recording === undefined || leaving.has(key)) return;
    leaving.add(key);
    try {
      const { file, duration, waveform } = recording;
      await attachments.sendNow(place.conversationId, file, (id) => ({
        kind: 'voice',
        file: id,
        duration,
        waveform,
      }));
      waiting.delete(key);
    } finally {
      leaving.delete(key);
    }
  }

  /** Forgets those whose account is not signed in any more. */
  function clear(running: ReadonlySet<string>): void {
    for (const key of [...waiting.keys()])
      if (!running.has(key.slice(0, key.indexOf('|')))) waiting.delete(key);
  }
  watch(
    () => accounts.running,
    (running) => clear(new Set(running.map(({ key }) => key))),
  );
  onScopeDispose(() => clear(new Set()));

  return {
    /** Of the account that is on screen now. */
    placeOf: (conversationId: ConversationId): Place => ({ accountKey: session.accountKey, conversationId }),
    at: (place: Place): Recording | null => waiting.get(keyOf(place)) ?? null,
    isLeaving: (place: Place): boolean => leaving.has(keyOf(place)),
    keep: (place: Place, recording: Recording) => void waiting.set(keyOf(place), recording),
    discard: (place: Place) => void waiting.delete(keyOf(place)),
    send,
  };
});
