import { describe, expect, it } from 'vitest';
import { hasDisplay, x11Addresses } from './display.ts';
import { missingPackages, packagesFor } from './packages.ts';

describe('finding missing packages', () => {
  it('asks for what is absent or only half installed', () => {
    const status = 'xvfb installed\nopenbox half-configured\n';
    expect(missingPackages(['xvfb', 'openbox', 'xclip'], status)).toEqual(['openbox', 'xclip']);
  });

  it('accepts the t64 names of newer releases', () => {
    expect(missingPackages(['libgtk-3-0'], 'libgtk-3-0t64 installed\n')).toEqual([]);
  });

  it('needs for tests all that running needs', () => {
    expect(packagesFor('test')).toEqual(expect.arrayContaining(packagesFor('run')));
  });
});

describe('finding a display', () => {
  it('reads local and remote names', () => {
    expect(x11Addresses(':1.0')).toEqual([{ path: '/tmp/.X11-unix/X1' }, { path: '\0/tmp/.X11-unix/X1' }]);
    expect(x11Addresses('office:10')).toEqual([{ host: 'office', port: 6010 }]);
    expect(x11Addresses('nonsense')).toEqual([]);
  });

  it.runIf(process.platform === 'linux')('does not take a stale variable for a display', async () => {
    expect(await hasDisplay({})).toBe(false);
    expect(await hasDisplay({ DISPLAY: ':64999', WAYLAND_DISPLAY: '/nonexistent/wayland-0' })).toBe(false);
  });
});
