import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { avatarUrl, remoteOf } from '../media/media-url.ts';
import { readStoredData, freshData } from '../settings/stored-data.ts';
import { fileOf, isOwnPage } from './page-path.ts';
import { CONTENT_POLICY, META_POLICY } from './content-policy.ts';
import { lacksSandbox } from './sandbox-state.ts';
import { BACKGROUND, CHAT_SIZES, MAIN_SIZES, placeWindow } from './window-bounds.ts';

describe('files of the page', () => {
  test('stay inside of the folder', () => {
    expect(fileOf('magpie-app://app/index.html#/x', '/out/renderer')).toBe('/out/renderer/index.html');
    expect(fileOf('magpie-app://app/', '/out/renderer')).toBe('/out/renderer/index.html');
    for (const address of [
      'magpie-app://app/%2e%2e/%2e%2e/main/index.js',
      'magpie-app://app/..%2fmain/index.js',
      'magpie-app://app/%2e%2e%2f%2e%2e%2fetc/passwd',
      'magpie-app://app/a%5c..%5c..%5cx',
      'magpie-app://app/a%00b',
      'magpie-app://other/index.html',
      'file:///etc/passwd',
      'magpie-app://app/%E0%A4%A',
    ]) {
      const file = fileOf(address, '/out/renderer');
      expect(file === null || file.startsWith('/out/renderer/'), `${address} → ${file}`).toBe(true);
    }
    expect(fileOf('magpie-app://app/..%2fmain/index.js', '/out/renderer')).toBeNull();
  });

  test('only our page is our page', () => {
    expect(isOwnPage('magpie-app://app/index.html', null)).toBe(true);
    expect(isOwnPage('http://localhost:5173/', 'http://localhost:5173')).toBe(true);
    for (const url of ['http://localhost:5173/', 'magpie-app://evil/', 'https://app/', 'about:blank', ''])
      expect(isOwnPage(url, null), url).toBe(false);
  });
});

describe('pictures', () => {
  const origin = 'http://chat.example:7001';
  test("only the chosen server's own", () => {
    const own = `${origin}/public/a b.png?x=1&y=2`;
    expect(remoteOf(avatarUrl(own), ['http://elsewhere', origin])).toBe(new URL(own).href);
    expect(avatarUrl('')).toBe('');
    for (const remote of [
      'http://evil/a.png',
      'http://chat.example/a.png',
      'file:///etc/passwd',
      'http://u:p@chat.example:7001/a',
    ])
      expect(remoteOf(avatarUrl(remote), [origin]), remote).toBeNull();
    expect(remoteOf(avatarUrl(own), [])).toBeNull();
    expect(remoteOf(`magpie-media://other/?url=${own}`, [origin])).toBeNull();
  });
});

test('the window begins in the colour of the page', () => {
  const styles = readFileSync(join(import.meta.dirname, '../../../src/styles/tokens.css'), 'utf8');
  const grounds = [...styles.matchAll(/--ground:\s*(#\w+)/gu)].map(([, colour]) => colour);
  expect(grounds).toEqual([BACKGROUND.light, BACKGROUND.dark]);
});

test('the policy in the page is the header, less what only a header can say', () => {
  expect(
    CONTENT_POLICY.split('; ')
      .filter((rule) => !rule.startsWith('frame-ancestors'))
      .join('; '),
  ).toBe(META_POLICY);
  expect(META_POLICY).not.toMatch(/unsafe-eval|script-src[^;]*unsafe|\*/u);
});

describe('the place of the window', () => {
  const screen = { x: 0, y: 0, width: 1_920, height: 1_080 };
  const stored = { x: 100, y: 50, width: 900, height: 600, maximized: false };
  test('is kept while it can be reached', () => {
    expect(placeWindow(stored, [screen])).toEqual({ x: 100, y: 50, width: 900, height: 600 });
    expect(placeWindow({ ...stored, x: 2_500 }, [screen])).toEqual({ width: 900, height: 600 });
    expect(placeWindow({ ...stored, y: -400 }, [screen])).not.toHaveProperty('y');
    expect(placeWindow({ ...stored, x: 2_500 }, [screen, { ...screen, x: 1_920 }])).toHaveProperty(
      'x',
      2_500,
    );
    expect(placeWindow({ ...stored, width: 10 }, [screen]).width).toBe(760);
    expect(placeWindow(null, [screen])).toEqual(MAIN_SIZES.first);
    expect(placeWindow({ ...stored, width: 500 }, [screen], CHAT_SIZES).width).toBe(500);
  });
  test('fits the screen that it opens on', () => {
    const small = { x: 0, y: 0, width: 1_000, height: 700 };
    expect(placeWindow(null, [small])).toEqual({ width: 1_000, height: 700 });
    // The large screen that it was on is gone.
    expect(placeWindow({ ...stored, x: 3_000, width: 2_500, height: 1_400 }, [small])).toEqual({
      width: 1_000,
      height: 700,
    });
    expect(placeWindow(null, [])).toEqual(MAIN_SIZES.first);
  });
});

test('an AppImage whose launcher took the sandbox away asks; nothing else does', () => {
  const start = {
    platform: 'linux' as const,
    appImage: '/home/a/Magpie.AppImage',
    user: 1000,
    unprotected: true,
    accepted: false,
  };
  expect(lacksSandbox(start)).toBe(true);
  for (const other of [
    { appImage: undefined },
    { user: 0 },
    { unprotected: false },
    { accepted: true },
    { platform: 'win32' as const },
  ])
    expect(lacksSandbox({ ...start, ...other })).toBe(false);
});

describe('stored settings', () => {
  test('one damaged part costs only that part', () => {
    const good = freshData();
    const read = readStoredData({
      ...good,
      settings: { ...good.settings, theme: 'pink', listWidth: 300 },
      window: 'x',
    })?.data;
    expect(read?.settings).toEqual({ ...good.settings, theme: 'system', listWidth: 300 });
    expect(read?.window).toBeNull();
    expect(read?.deviceId).toBe(good.deviceId);
  });
  test('what cannot be understood is not guessed at', () => {
    for (const raw of [null, 'x', [], { version: 99 }]) expect(readStoredData(raw)).toBeNull();
    expect(readStoredData({})?.data.version).toBe(1);
  });
});
