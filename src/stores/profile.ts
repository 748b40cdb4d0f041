import { computed, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { OwnProfile, StrangerLimit } from '#protocol/model/person';
import { call } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** The account's own settings on the server: fetched when somebody looks, because any device may change them. */
export const useProfileStore = defineStore('profile', () => {
  const session = useSessionStore();
  const profile = shallowRef<OwnProfile | null>(null);

  watch(
    () => session.identity,
    () => (profile.value = null),
    { flush: 'sync' },
  );

  async function load(): Promise<void> {
    const { identity } = session;
    const answer = await call('profile:get');
    if (identity === session.identity) profile.value = answer;
  }

  /** Shows the change at once; a refusal takes it back. */
  async function change(part: Partial<OwnProfile>, asking: () => Promise<void>): Promise<void> {
    const { identity } = session;
    const before = profile.value;
    if (before !== null) profile.value = { ...before, ...part };
    try {
      await asking();
    } catch (error) {
      if (identity === session.identity) profile.value = before;
      throw error;
    }
  }

  return {
    profile: computed(() => profile.value),
    load,
    setNickname: (nickname: string) => change({ nickname }, () => call('profile:set-nickname', { nickname })),
    setAvatar: (bytes: Uint8Array<ArrayBuffer>) => call('profile:set-avatar', { bytes }),
    setConfirmsFriends: (confirmsFriends: boolean) =>
      change({ confirmsFriends }, () => call('profile:set-confirmation', { confirmsFriends })),
    setLimits: (limits: { strangers: StrangerLimit; guests: StrangerLimit }) =>
      change(limits, () => call('profile:set-limits', limits)),
    changePassword: (current: string, next: string) => call('profile:change-password', { current, next }),
  };
});
