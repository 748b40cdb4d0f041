import { defineStore } from 'pinia';
import type { Device } from '#protocol/ipc';
import { call } from '../bridge.ts';
import { sizeOfCaptured } from '../lib/media/captured.ts';

/** What the window asks of the system around it. */
export const useDesktopStore = defineStore('desktop', () => ({
  openExternal: (url: string) => call('app:open-external', { url }),
  openPrivacySettings: (device: Device) => call('app:open-privacy-settings', { device }),
  /** PNG pictures of all screens, without our window in the way. */
  captureScreens: () => call('codes:capture-screens'),
  /** Windows of other programs. */
  listWindows: () => call('capture:list-windows'),
  /** PNG picture of one in its full size. */
  async captureWindow(id: string): Promise<Uint8Array> {
    await call('capture:show-window', { id });
    // Where it cannot be looked at, its picture is there all the same, only enlarged.
    const size = await sizeOfCaptured().catch(() => null);
    return call('capture:take-window', { id, ...(size === null ? {} : { size }) });
  },
  copyText: (text: string) => call('app:copy-text', { text }),
}));
