import { computed, onScopeDispose, shallowRef } from 'vue';
import { defineStore } from 'pinia';
import { DEFAULT_SETTINGS, type Locale, type Settings } from '#protocol/model/settings';
import type { AppSnapshot } from '#protocol/ipc';
import { call, listen } from '../bridge.ts';

type Host = Pick<AppSnapshot, 'version' | 'platform' | 'systemLocale' | 'secureStorage' | 'lock'>;

/** Preferences of the person and facts about the machine. */
export const useSettingsStore = defineStore('settings', () => {
  const settings = shallowRef<Settings>(DEFAULT_SETTINGS);
  const host = shallowRef<Host>({
    version: '',
    platform: 'linux',
    systemLocale: 'zh-CN',
    secureStorage: true,
    lock: { enabled: false, locked: false },
  });

  onScopeDispose(listen('lock:changed', (lock) => (host.value = { ...host.value, lock })));
  onScopeDispose(listen('settings:changed', (changed) => (settings.value = changed)));

  function adopt(snapshot: AppSnapshot): void {
    settings.value = snapshot.settings;
    host.value = snapshot;
  }

  /** Shows the change at once; main's answer is what stays. */
  async function update(part: Partial<Settings>): Promise<void> {
    const before = settings.value;
    settings.value = { ...before, ...part };
    try {
      settings.value = await call('settings:update', part);
    } catch (error) {
      settings.value = before;
      throw error;
    }
  }

  return {
    settings: computed(() => settings.value),
    host: computed(() => host.value),
    locale: computed<Locale>(() =>
      settings.value.language === 'system' ? host.value.systemLocale : settings.value.language,
    ),
    isMac: computed(() => host.value.platform === 'darwin'),
    isWindows: computed(() => host.value.platform === 'win32'),
    adopt,
    update,
    spellingOffer: () => call('spelling:offer'),
    lock: () => call('lock:lock'),
    unlock: (passphrase: string) => call('lock:unlock', { passphrase }),
    setPassphrase: (current: string, next: string | null) => call('lock:set-passphrase', { current, next }),
  };
});
