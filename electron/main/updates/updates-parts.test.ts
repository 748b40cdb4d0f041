import { generateKeyPairSync, sign } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { abilityOf } from './ability.ts';
import { readMetadata } from './release-metadata.ts';
import { isSignedBy, releaseOrigin } from './signature.ts';

const folder = (name: string) => mkdtempSync(join(tmpdir(), `magpie-${name}-`));
const SHA = `${'A'.repeat(86)}==`;

describe('what this copy can do', () => {
  const linux = {
    platform: 'linux' as const,
    isPackaged: true,
    program: '/opt/Magpie/magpie',
    appImage: undefined,
  };
  test('follows from how it was installed', () => {
    const resources = folder('resources');
    expect(abilityOf({ ...linux, resources })).toBe('none');
    writeFileSync(join(resources, 'package-type'), 'deb');
    expect(abilityOf({ ...linux, resources })).toBe('package');
    expect(abilityOf({ ...linux, resources, appImage: join(resources, 'Magpie.AppImage') })).toBe('itself');
    expect(abilityOf({ ...linux, resources, appImage: '/nowhere/Magpie.AppImage' })).toBe('elsewhere');
    expect(abilityOf({ ...linux, resources, appImage: 'relative.AppImage' })).toBe('package');
    expect(abilityOf({ ...linux, resources, isPackaged: false })).toBe('none');
    const mine = folder('programs');
    const windows = { ...linux, resources, platform: 'win32' as const };
    expect(abilityOf({ ...windows, program: join(mine, 'Magpie.exe') })).toBe('itself');
    expect(readdirSync(mine), 'nothing stays behind').toEqual([]);
    expect(abilityOf({ ...windows, program: '/nowhere/Magpie.exe' })).toBe('elsewhere');
  });
  // A folder of which root is told that it can be written to, and cannot; as everybody is told by Windows.
  test.skipIf(!existsSync('/proc/self') || process.getuid?.() !== 0)('is tried out on Windows', () => {
    accessSync('/proc', constants.W_OK);
    const windows = { ...linux, resources: folder('resources'), platform: 'win32' as const };
    expect(abilityOf({ ...windows, program: '/proc/Magpie.exe' })).toBe('elsewhere');
  });
});

describe('the signature of a release', () => {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const key = publicKey.export({ format: 'der', type: 'spki' }).toString('base64');
  const text = 'version: 2.0.0\n';
  const signature = sign(null, Buffer.from(text), privateKey).toString('base64');
  test('holds for exactly what was signed with our key', () => {
    expect(isSignedBy(key, text, `${signature}\n`)).toBe(true);
    expect(isSignedBy(key, `${text} `, signature)).toBe(false);
    const other = generateKeyPairSync('ed25519').privateKey;
    expect(isSignedBy(key, text, sign(null, Buffer.from(text), other).toString('base64'))).toBe(false);
    for (const broken of ['', 'x', signature.slice(0, -4)]) expect(isSignedBy(key, text, broken)).toBe(false);
    expect(isSignedBy('no key', text, signature)).toBe(false);
  });
  test('the key comes from the package', () => {
    const app = folder('app');
    expect(releaseOrigin(app)).toEqual({ key: null, feed: null });
    writeFileSync(join(app, 'package.json'), '{}');
    expect(releaseOrigin(app)).toEqual({ key: null, feed: null });
    writeFileSync(join(app, 'package.json'), JSON.stringify({ magpie: { updateKey: key } }));
    expect(releaseOrigin(app)).toEqual({ key, feed: null });
    mkdirSync(join(app, 'x'));
  });
});

describe('metadata', () => {
  const good = (url: string) =>
    `version: 2.0.0\nfiles:\n  - url: ${url}\n    sha512: ${SHA}\n    size: 5\nreleaseDate: '2026-01-01'\n`;
  test('is read as electron-builder writes it', () => {
    expect(readMetadata(good('magpie-2.0.0.AppImage'))).toMatchObject({
      version: '2.0.0',
      files: [{ url: 'magpie-2.0.0.AppImage', sha512: SHA, size: 5 }],
      releaseDate: '2026-01-01',
    });
  });
  test('sends nobody elsewhere, and nothing else passes', () => {
    for (const text of [
      '',
      'version: 2.0.0',
      good('https://evil.example/a.AppImage'),
      good('../a.AppImage'),
      good('//evil.example/a'),
      good('a.AppImage').replace(SHA, 'short'),
      good('a.AppImage').replace('2.0.0', '../../2'),
      '!!js/function "return 1"',
      '<html></html>',
    ])
      expect(() => readMetadata(text), text).toThrow(expect.objectContaining({ problem: 'corrupt' }));
  });
});
