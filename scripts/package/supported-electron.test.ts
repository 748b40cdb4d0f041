import { describe, expect, it } from 'vitest';
import { isSupported, refuseOutOfSupport } from './supported-electron.ts';

describe('the Electron of a release', () => {
  it('is one of the newest three majors', () => {
    expect(isSupported('45.4.1', '45.9.0')).toBe(true);
    expect(isSupported('43.0.0', '45.9.0')).toBe(true);
    expect(isSupported('42.9.9', '45.9.0')).toBe(false);
    expect(isSupported('46.0.0-beta.1', '45.9.0')).toBe(true);
    expect(isSupported('unknown', '45.9.0')).toBe(false);
  });

  it('is never the one made of the npm package', async () => {
    const electron = {
      executablePath: '/nowhere/electron',
      version: '45.4.1',
      source: 'npm-package',
    } as const;
    await expect(refuseOutOfSupport(electron)).rejects.toThrow('development only');
  });
});
