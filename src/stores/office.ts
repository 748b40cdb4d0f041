import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { BackupHours, FoundServer, OfficeState } from '#protocol/model/office';
import { call, listen } from '../bridge.ts';

/** What the server inside the app does for others, and what servers others on the network offer. */
export const useOfficeStore = defineStore('office', () => {
  const state = shallowRef<OfficeState | null>(null);
  const found = shallowRef<FoundServer[]>([]);

  onScopeDispose(listen('office:changed', (changed) => (state.value = changed)));
  onScopeDispose(listen('discovery:changed', (servers) => (found.value = servers)));

  async function follow(answer: Promise<OfficeState>): Promise<void> {
    state.value = await answer;
  }

  return {
    /** Null until it was asked for. */
    state: computed(() => state.value),
    /** Servers that announce themselves; none while nobody looks. */
    found: computed(() => found.value),
    refresh: () => follow(call('office:get')),
    setOpen: (open: boolean) => follow(call('office:set-open', { open })),
    backUp: () => follow(call('office:back-up')),
    chooseBackupPlace: () => follow(call('office:choose-backup-place')),
    planBackups: (everyHours: BackupHours) => follow(call('office:plan-backups', { everyHours })),
    async look(look: boolean): Promise<void> {
      const servers = await call('discovery:look', { look });
      found.value = look ? servers : [];
    },
  };
});
