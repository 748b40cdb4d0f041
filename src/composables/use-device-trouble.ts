import type { Device } from '#protocol/ipc';
import type { MessageKey } from '../locales/texts.ts';
import { useDesktopStore } from '../stores/desktop.ts';
import type { Offer } from '../stores/notices.ts';
import { useSettingsStore } from '../stores/settings.ts';
import { useText } from './use-text.ts';
import { useWarned } from './use-warned.ts';

/** Why a device cannot be used, and what the person can do about it from here. */
export interface DeviceTrouble {
  text: string;
  offer?: Offer;
}

const TEXTS: Record<Device, Record<'refused' | 'none' | 'failed', MessageKey>> = {
  camera: { refused: 'capture.notAllowed', none: 'capture.noCamera', failed: 'capture.failed' },
  microphone: { refused: 'voice.notAllowed', none: 'voice.noMicrophone', failed: 'voice.failed' },
};

/** Says in words what `getUserMedia` threw; one that was refused can be allowed in the settings of the system. */
export function useDeviceTrouble(device: Device): (thrown: unknown) => DeviceTrouble {
  const desktop = useDesktopStore();
  const settings = useSettingsStore();
  const warned = useWarned();
  const { t } = useText();
  const texts = TEXTS[device];
  return (thrown) => {
    const name = thrown instanceof DOMException ? thrown.name : '';
    if (name === 'NotFoundError') return { text: t(texts.none) };
    if (name !== 'NotAllowedError') return { text: t(texts.failed) };
    const text = t(texts.refused);
    // Elsewhere there is no one place for it.
    if (!settings.isMac && !settings.isWindows) return { text };
    const run = (): void => void warned(() => desktop.openPrivacySettings(device));
    return { text, offer: { label: t('common.systemSettings'), run } };
  };
}
