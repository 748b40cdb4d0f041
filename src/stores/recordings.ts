import { onScopeDispose, shallowReactive, watch } from 'vue';
import { defineStore } from 'pinia';
import type { ConversationId } from '#protocol/model/conversation';
import { MagpieError, toWireError } from '#protocol/errors';
import { call, stage } from '../bridge.ts';
import type { Recording } from '../lib/media/recorder.ts';
import { useAccountsStore } from './accounts.ts';
import { useDraftsStore } from './drafts.ts';
import { useMessagesStore } from './messages.ts';
import { useSessionStore } from './session.ts';

/** A conversation of an account: ids are unique within one account only. */
interface Place {
  readonly accountKey: string | null;
  readonly conversationId: ConversationId;
}

interface WaitingRecording extends Pick<Recording, 'duration' | 'waveform'> {
  /** What was spoken just now, or the address where main shows what it kept of an earlier time. */
  readonly source: File | string;
}

/**
 * What was spoken and is not sent yet, one per conversation: it waits there while the person is elsewhere, and main keeps it
 * over a lock, a crash and the next start.
 */
export const useRecordingsStore = defineStore('recordings', () => {
  const session = useSessionStore();
  const accounts = useAccountsStore();
  const drafts = useDraftsStore();
  const messages = useMessagesStore();
  const waiting = shallowReactive(new Map<string, WaitingRecording>());
  /** Those on their way into their conversation. */
  const leaving = shallowReactive(new Set<string>());
  /** Ids under which main keeps them. */
  const kept = new Map<string, Promise<string>>();
  /** What ends a recording, so that it waits. */
  const recorders = new Set<{ key: string; end: () => Promise<unknown> }>();
  /** Accounts whose recordings of an earlier time are here. */
  const recalled = new Set<string>();

  const placeOf = (conversationId: ConversationId): Place => ({
    accountKey: session.accountKey,
    conversationId,
  });
  const keyOf = ({ accountKey, conversationId }: Place): string => `${accountKey}|${conversationId}`;
  function forget(key: string): void {
    waiting.delete(key);
    kept.delete(key);
  }

  async function store(place: Place): Promise<string> {
    const { conversationId } = place;
    const recording = waiting.get(keyOf(place));
    if (recording === undefined || typeof recording.source === 'string')
      throw new MagpieError('file-gone', 'it waits no more');
    const { source, duration, waveform } = recording;
    const file = crypto.randomUUID();
    await stage(source, file);
    if (place.accountKey !== session.accountKey)
      // The same conversation is another one in the account that came on screen meanwhile.
      throw new MagpieError('cancelled', 'another account is on screen');
    try {
      await call('media:keep-recording', { conversationId, file, duration, waveform });
    } catch (error) {
      // A disk that is full says so itself. It is here still, and staged anew the next time.
      void call('media:discard', { files: [file] }).catch(() => undefined);
      throw error;
    }
    return file;
  }
  /** What could not be kept is tried again. */
  function keptAs(place: Place): Promise<string> {
    const key = keyOf(place);
    let id = kept.get(key);
    if (id === undefined) {
      const storing = place.accountKey === session.accountKey ? store(place) : neverNow();
      id = drafts.awaited(storing);
      kept.set(key, id);
      id.catch(() => {
        if (kept.get(key) === id) kept.delete(key);
      });
    }
    return id;
  }
  /** Also what was spoken while another account came on screen. */
  function keepAll(): void {
    const { accountKey } = session;
    for (const key of waiting.keys())
      if (accountKey !== null && key.startsWith(`${accountKey}|`))
        void keptAs({ accountKey, conversationId: key.slice(accountKey.length + 1) }).catch(() => undefined);
  }

  function keep(place: Place, { file, duration, waveform }: Recording): void {
    const key = keyOf(place);
    forget(key);
    waiting.set(key, { source: file, duration, waveform });
    void keptAs(place).catch(() => undefined);
  }
  function discard(place: Place): void {
    const key = keyOf(place);
    const id = kept.get(key);
    forget(key);
    void id?.then((file) => call('media:discard', { files: [file] })).catch(() => undefined);
  }

  /** It stays where it is when it cannot be sent. */
  async function send(place: Place): Promise<void> {
    const key = keyOf(place);
    const recording = waiting.get(key);
    if (recording === undefined || leaving.has(key)) return;
    leaving.add(key);
    try {
      const file = await keptAs(place);
      if (place.accountKey !== session.accountKey) await neverNow();
      const { duration, waveform } = recording;
      await messages.sendMedia(place.conversationId, { kind: 'voice', file, duration, waveform });
      forget(key);
    } catch (error) {
      if (toWireError(error).code === 'file-gone') {
        kept.delete(key);
        // There is nothing else of it.
        if (typeof recording.source === 'string') forget(key);
      }
      throw error;
    } finally {
      leaving.delete(key);
    }
  }

  /** What main keeps waits here again; that of one conversation when its other window is closed. */
  async function recall(only?: ConversationId): Promise<void> {
    const { identity } = session;
    const recordings = await call('media:recordings');
    if (identity !== session.identity) return;
    if (only !== undefined) forget(keyOf(placeOf(only)));
    for (const { conversationId, file, url, duration, waveform } of recordings) {
      const key = keyOf(placeOf(conversationId));
      if ((only !== undefined && only !== conversationId) || waiting.has(key)) continue;
      kept.set(key, Promise.resolve(file));
      waiting.set(key, { source: url, duration, waveform });
    }
  }
  watch(
    () => session.identity,
    (identity) => {
      const { accountKey } = session;
      if (identity === null || accountKey === null) return;
      keepAll();
      if (recalled.has(accountKey)) return;
      recalled.add(accountKey);
      recall().catch(() => recalled.delete(accountKey));
    },
    { immediate: true },
  );
  watch(
    () => session.storage,
    (storage) => {
      if (storage === 'ok') keepAll();
    },
  );

  const endRecorders = (isMeant: (key: string) => boolean) =>
    Promise.all([...recorders].filter(({ key }) => isMeant(key)).map(({ end }) => end()));
  /** From now on it is in another window. Fails where it cannot be kept. */
  async function release(conversationId: ConversationId): Promise<void> {
    const place = placeOf(conversationId);
    const key = keyOf(place);
    await endRecorders((one) => one === key);
    if (!waiting.has(key)) return;
    await keptAs(place);
    forget(key);
  }
  onScopeDispose(
    drafts.beforeEnd(async () => {
      await endRecorders(() => true);
      keepAll();
      await Promise.allSettled(kept.values());
    }),
  );

  /** Forgets those whose account is not signed in any more. */
  function clear(running: ReadonlySet<string>): void {
    for (const key of [...waiting.keys()]) if (!running.has(key.slice(0, key.indexOf('|')))) forget(key);
    for (const account of [...recalled]) if (!running.has(account)) recalled.delete(account);
  }
  watch(
    () => accounts.running,
    (running) => clear(new Set(running.map(({ key }) => key))),
  );
  onScopeDispose(() => clear(new Set()));

  return {
    /** Of the account that is on screen now. */
    placeOf,
    at: (place: Place): WaitingRecording | null => waiting.get(keyOf(place)) ?? null,
    isLeaving: (place: Place): boolean => leaving.has(keyOf(place)),
    /** @param end is called before the page or the session ends, or its conversation goes to another window */
    attend(place: Place, end: () => Promise<unknown>): () => void {
      const recorder = { key: keyOf(place), end };
      recorders.add(recorder);
      return () => void recorders.delete(recorder);
    },
    keep,
    discard,
    send,
    recall,
    release,
  };
});

function neverNow(): Promise<never> {
  return Promise.reject(new MagpieError('cancelled', 'another account is on screen'));
}
