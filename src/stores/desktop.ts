import { defineStore } from 'pinia';
import { call } from '../bridge.ts';

/** What the window asks of the system around it. */
export const useDesktopStore = defineStore('desktop', () => ({
  openExternal: (url: string) => call('app:open-external', { url }),
  /** PNG pictures of all screens, without our window in the way. */
  captureScreens: () => call('codes:capture-screens'),
  copyText: (text: string) => call('app:copy-text', { text }),
}));
