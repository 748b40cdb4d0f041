/** The other end of the bridge for tests of stores and components: answers by channel, and events when a test tells them. */
import { toWireError } from '#protocol/errors';
import type { SessionState } from '#protocol/model/session';

type Answer = (input: never) => unknown;

export interface BridgeDouble {
  /** May be changed while a test runs; a channel without an answer gives null. */
  answers: Record<string, Answer>;
  /** Every call, in order. */
  calls: { channel: string; input: unknown }[];
  /** Names of the files that were staged. */
  staged: string[];
  /** Keeps a file; throws where it cannot. */
  stage: (file: File, id: string) => unknown;
  tell(channel: string, payload: unknown): void;
  signIn(accountKey: string): void;
}

const signedIn = (accountKey: string): SessionState => ({
  phase: 'signed-in',
  server: { origin: 'http://127.0.0.1:1', dialect: 'egg-im', embedded: false, extensions: true },
  account: { id: 1, uuid: accountKey, username: accountKey, nickname: '', avatar: '', role: 'user' },
  accountKey,
  ended: null,
});

/** Takes the place of `window.magpie`; before the first store is made. */
export function doubleBridge(answers: Record<string, Answer> = {}): BridgeDouble {
  const listeners = new Map<string, Set<(payload: unknown) => void>>();
  const outcome = async (work: () => unknown) => {
    try {
      return { ok: true, value: await work() };
    } catch (error) {
      return { ok: false, error: toWireError(error) };
    }
  };
  const double: BridgeDouble = {
    answers: { 'accounts:list': () => ({ accounts: [], unreadTotal: 0 }), ...answers },
    calls: [],
    staged: [],
    stage: (_file, id) => ({ id }),
    tell(channel, payload) {
      for (const listener of listeners.get(channel) ?? []) listener(payload);
    },
    signIn: (accountKey) => double.tell('session:changed', signedIn(accountKey)),
  };
  const magpie = {
    invoke(channel: string, input: unknown) {
      double.calls.push({ channel, input });
      return outcome(() => double.answers[channel]?.(input as never) ?? null);
    },
    stage(file: File, id: string) {
      return outcome(() => {
        const kept = double.stage(file, id);
        double.staged.push(file.name);
        return kept;
      });
    },
    on(channel: string, listener: (payload: unknown) => void) {
      const all = listeners.get(channel) ?? new Set();
      listeners.set(channel, all.add(listener));
      return () => void all.delete(listener);
    },
  };
  Object.assign(window, { magpie });
  return double;
}
