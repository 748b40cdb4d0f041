import { defineStore } from 'pinia';
import { call } from '../bridge.ts';

/** What the window asks of the system around it. */
export const useDesktopStore = defineStore('desktop', () => ({
  openExternal: (url: string) => call('app:open-external', { url }),
  copyText: (text: string) => call('app:copy-text', { text }),
}));
