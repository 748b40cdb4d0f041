import { onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import type { AppCommand } from '#protocol/ipc';
import { listen } from '../bridge.ts';

/** What the person chose outside of the page; the newest waits here until somebody has done it. */
export const useCommandsStore = defineStore('commands', () => {
  const waiting = shallowRef<AppCommand | null>(null);
  onScopeDispose(listen('app:commanded', (command) => (waiting.value = command)));

  function take(): AppCommand | null {
    const command = waiting.value;
    waiting.value = null;
    return command;
  }

  return { waiting, take };
});
