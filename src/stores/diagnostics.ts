import { computed, ref } from 'vue';
import { defineStore } from 'pinia';
import { call } from '../bridge.ts';

/** How the app itself is doing. */
export const useDiagnosticsStore = defineStore('diagnostics', () => {
  const isOpen = ref(false);
  return {
    isOpen: computed(() => isOpen.value),
    open: () => (isOpen.value = true),
    close: () => (isOpen.value = false),
    gather: () => call('diagnostics:gather'),
    openLogs: () => call('diagnostics:open-logs'),
  };
});
