import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { BackupHours, FoundBackup, FoundServer, OfficeState } from '#protocol/model/office';
import { call, listen } from '../bridge.ts';

/** A backup on its way back into the server. */
export type Restoring =
  | { phase: 'reading' }
  | { phase: 'found'; backup: FoundBackup }
  | { phase: 'restoring'; backup: FoundBackup }
  | { phase: 'done'; backup: FoundBackup; former: string | null }
  /** Nothing has changed. */
  | { phase: 'failed'; error: unknown };

/** What the server inside the app does for others, and what servers others on the network offer. */
export const useOfficeStore = defineStore('office', () => {
  const state = shallowRef<OfficeState | null>(null);
  const found = shallowRef<FoundServer[]>([]);

  onScopeDispose(listen('office:changed', (changed) => (state.value = changed)));
  onScopeDispose(listen('discovery:changed', (servers) => (found.value = servers)));

  const restoring = shallowRef<Restoring | null>(null);
  async function chooseBackup(): Promise<void> {
    if ((await call('office:choose-backup')) === null) return;
    restoring.value = { phase: 'reading' };
    try {
      restoring.value = { phase: 'found', backup: await call('office:verify-backup') };
    } catch (error) {
      restoring.value = { phase: 'failed', error };
    }
  }
  async function restore(): Promise<void> {
    if (restoring.value?.phase !== 'found') return;
    const { backup } = restoring.value;
    restoring.value = { phase: 'restoring', backup };
    try {
      const { former } = await call('office:restore-backup');
      restoring.value = { phase: 'done', backup, former };
    } catch (error) {
      restoring.value = { phase: 'failed', error };
    }
  }

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
    setName: (name: string) => follow(call('office:set-name', { name })),
    backUp: () => follow(call('office:back-up')),
    chooseBackupPlace: () => follow(call('office:choose-backup-place')),
    planBackups: (everyHours: BackupHours) => follow(call('office:plan-backups', { everyHours })),
    restoring: computed(() => restoring.value),
    chooseBackup,
    restore,
    endRestoring: () => void (restoring.value = null),
    async look(look: boolean): Promise<void> {
      const servers = await call('discovery:look', { look });
      found.value = look ? servers : [];
    },
  };
});
