import { computed, onScopeDispose, ref, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { UpdateState } from '#protocol/model/update';
import { call, listen } from '../bridge.ts';

const NOTHING: UpdateState = {
  ability: 'none',
  phase: 'idle',
  source: null,
  release: null,
  progress: null,
  checkedAt: null,
  problem: null,
  takenBack: null,
};

/** Newer versions of the app, as main knows them. */
export const useUpdatesStore = defineStore('updates', () => {
  const state = shallowRef<UpdateState>(NOTHING);
  /** Messages on their way when the person wanted to restart; 0 while nobody has to be asked. */
  const waiting = ref(0);
  /** Version that the person wants later: no line for it any more in this run. */
  const postponed = ref<string | null>(null);
  onScopeDispose(listen('updates:changed', (changed) => (state.value = changed)));
  call('updates:get').then(
    (found) => (state.value = found),
    () => undefined,
  );

  async function restart(anyway = false): Promise<void> {
    waiting.value = 0;
    const answer = await call('updates:install', { anyway });
    if (!answer.begins) waiting.value = answer.waiting;
  }

  return {
    state: computed(() => state.value),
    waiting,
    announces: computed(
      () => state.value.phase === 'ready' && state.value.release?.version !== postponed.value,
    ),
    restart,
    postpone: () => (postponed.value = state.value.release?.version ?? null),
    check: async () => void (state.value = await call('updates:check')),
    download: async () => void (state.value = await call('updates:download')),
  };
});
