import { computed, onScopeDispose, shallowRef, watch } from 'vue';
import { defineStore } from 'pinia';
import type { Group, GroupMarks, GroupProfile, JoinPolicy } from '#protocol/model/group';
import { call, listen } from '../bridge.ts';
import { useSessionStore } from './session.ts';

/** The groups of the account, as main keeps them, and which of them has its settings open. */
export const useGroupsStore = defineStore('groups', () => {
  const session = useSessionStore();
  const groups = shallowRef<readonly Group[]>([]);
  const phase = shallowRef<'loading' | 'ready' | 'failed'>('loading');
  /** Rises with every word that something about a group changed. */
  const revision = shallowRef(0);
  /** Groups that were looked at, with their members, as the server told them last. */
  const profiles = shallowRef<ReadonlyMap<number, GroupProfile>>(new Map());
  const marks = shallowRef<ReadonlyMap<number, GroupMarks>>(new Map());
  const creating = shallowRef(false);
  const settingsOf = shallowRef<number | null>(null);
  const invitingTo = shallowRef<number | null>(null);

  async function load(): Promise<void> {
    const { identity } = session;
    if (identity === null) return;
    try {
      const answer = await call('groups:list');
      if (identity !== session.identity) return;
      groups.value = answer;
      phase.value = 'ready';
    } catch {
      // A list that was loaded once stays; it is renewed with the next change or connection.
      if (identity === session.identity && phase.value === 'loading') phase.value = 'failed';
    }
  }

  /** Asks the server, and keeps the answer up to date from then on. */
  async function loadProfile(groupId: number): Promise<GroupProfile> {
    const { identity } = session;
    const answer = await call('groups:profile', { groupId });
    if (identity === session.identity) profiles.value = new Map(profiles.value).set(groupId, answer);
    return answer;
  }

  onScopeDispose(
    listen('groups:changed', ({ groupIds }) => {
      revision.value += 1;
      void load();
      // What cannot be asked now stays as it was; whoever opens the group asks again.
      for (const groupId of groupIds)
        if (profiles.value.has(groupId)) void loadProfile(groupId).catch(() => undefined);
    }),
  );
  onScopeDispose(
    listen('groups:marks-changed', ({ groupId, marks: changed }) => {
      marks.value = new Map(marks.value).set(groupId, changed);
    }),
  );
  watch(
    () => session.identity,
    () => {
      groups.value = [];
      profiles.value = new Map();
      marks.value = new Map();
      phase.value = 'loading';
      creating.value = false;
      settingsOf.value = null;
      invitingTo.value = null;
      void load();
    },
    { immediate: true },
  );
  watch(
    () => session.connection.state,
    (state) => {
      if (state !== 'online') return;
      if (phase.value !== 'ready') void load();
      for (const groupId of profiles.value.keys()) void loadProfile(groupId).catch(() => undefined);
    },
  );

  /** From then on `groups:marks-changed` tells. */
  async function loadMarks(groupId: number): Promise<void> {
    const { identity } = session;
    const answer = await call('groups:marks', { groupId }).catch(() => null);
    if (answer !== null && identity === session.identity)
      marks.value = new Map(marks.value).set(groupId, answer);
  }

  return {
    groups: computed(() => groups.value),
    phase: computed(() => phase.value),
    revision: computed(() => revision.value),
    profiles: computed(() => profiles.value),
    /** Requests that wait for me, over all my groups. */
    waitingTotal: computed(() => groups.value.reduce((sum, group) => sum + (group.waitingCount ?? 0), 0)),
    marks: computed(() => marks.value),
    creating: computed(() => creating.value),
    settingsOf: computed(() => settingsOf.value),
    invitingTo: computed(() => invitingTo.value),
    startCreating: () => void (creating.value = true),
    stopCreating: () => void (creating.value = false),
    openSettings: (groupId: number) => void (settingsOf.value = groupId),
    startInviting: (groupId: number) => void (invitingTo.value = groupId),
    stopInviting: () => void (invitingTo.value = null),
    closeSettings: () => void (settingsOf.value = null),
    load,
    loadProfile,
    loadMarks,
    rename: (groupId: number, name: string) => call('groups:rename', { groupId, name }),
    announce: (groupId: number, text: string) => call('groups:announce', { groupId, text }),
    setNickname: (groupId: number, nickname: string) => call('groups:set-nickname', { groupId, nickname }),
    setPolicy: (groupId: number, policy: Exclude<JoinPolicy, 'other'>) =>
      call('groups:set-policy', { groupId, policy }),
    setReadReceipts: (groupId: number, enabled: boolean) =>
      call('groups:set-read-receipts', { groupId, enabled }),
    quit: (groupId: number) => call('groups:quit', { groupId }),
    removeMember: (groupId: number, accountId: number) =>
      call('groups:remove-member', { groupId, accountId }),
    invite: (groupId: number, accountId: number) => call('groups:invite', { groupId, accountId }),
    join: (groupId: number, reason: string) => call('groups:join', { groupId, reason }),
    requests: (groupId: number) => call('groups:requests', { groupId }),
    decide: (groupId: number, accountId: number, agree: boolean) =>
      call('groups:decide', { groupId, accountId, agree }),
    readers: (messageId: string) => call('groups:readers', { messageId }),
  };
});
