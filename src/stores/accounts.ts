import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { AccountEntry, AccountList } from '#protocol/model/session';
import { call, listen } from '../bridge.ts';

/** The accounts of this app: who is signed in, who is on screen, and what waits for each. */
export const useAccountsStore = defineStore('accounts', () => {
  const list = shallowRef<AccountList>({ accounts: [], unreadTotal: 0 });
  onScopeDispose(listen('accounts:changed', (changed) => (list.value = changed)));
  // What changes before the answer comes is told after it.
  call('accounts:list').then(
    (found) => (list.value = found),
    () => undefined,
  );

  return {
    all: computed(() => list.value.accounts),
    /** Those that receive. */
    running: computed(() => list.value.accounts.filter(({ state }) => state !== 'signed-out')),
    byKey: computed(() => new Map(list.value.accounts.map((entry) => [entry.key, entry]))),
    unreadTotal: computed(() => list.value.unreadTotal),
    /** Whom one comes back to instead of signing in; null when nobody is signed in. */
    other: computed<AccountEntry | null>(
      () => list.value.accounts.find(({ state }) => state === 'signed-in') ?? null,
    ),
  };
});
