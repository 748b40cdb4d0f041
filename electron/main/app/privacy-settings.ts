import { MagpieError } from '#protocol/errors';
import type { Device } from '#protocol/ipc';

/** Pages of the system's settings. They are named here alone: the page of the app says which device, never where to go. */
const ADDRESSES: Partial<Record<NodeJS.Platform, Readonly<Record<Device, string>>>> = {
  darwin: {
    camera: 'x-apple.systempreferences:com.apple.preference.security?Privacy_Camera',
    microphone: 'x-apple.systempreferences:com.apple.preference.security?Privacy_Microphone',
  },
  win32: { camera: 'ms-settings:privacy-webcam', microphone: 'ms-settings:privacy-microphone' },
};

/** @throws {MagpieError} `not-found` where the system has no such page */
export function privacySettingsOf(device: Device, platform: NodeJS.Platform): string {
  const address = ADDRESSES[platform]?.[device];
  if (address === undefined)
    throw new MagpieError('not-found', `no settings of the ${device} on ${platform}`);
  return address;
}
