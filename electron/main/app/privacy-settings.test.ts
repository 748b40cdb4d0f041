import { expect, test } from 'vitest';
import { privacySettingsOf } from './privacy-settings.ts';

test('each system has its own page for each device', () => {
  expect(privacySettingsOf('camera', 'win32')).toBe('ms-settings:privacy-webcam');
  expect(privacySettingsOf('microphone', 'win32')).toBe('ms-settings:privacy-microphone');
  expect(privacySettingsOf('camera', 'darwin')).toMatch(/^x-apple\.systempreferences:.*Privacy_Camera$/u);
  expect(privacySettingsOf('microphone', 'darwin')).toMatch(/Privacy_Microphone$/u);
});

test('a system without one opens nothing', () => {
  expect(() => privacySettingsOf('camera', 'linux')).toThrow(expect.objectContaining({ code: 'not-found' }));
});
