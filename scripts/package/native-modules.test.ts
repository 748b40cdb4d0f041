// An app that is made on one machine for another one has to have the other one's native modules: checked when it is packed.
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Configuration } from 'electron-builder';
import { afterEach, describe, expect, test } from 'vitest';
import {
  lockedPackages,
  machinesOf,
  nativeFamilies,
  nativeFilesIn,
  neededFor,
  problemsOf,
  type NativeFile,
} from '../../packaging/native-modules.mjs';
import { bringForeignModules } from './foreign-modules.ts';

const root = resolve(import.meta.dirname, '../..');
const file = pathToFileURL(join(root, 'packaging/electron-builder.config.mjs')).href;
const { default: configuration } = (await import(file)) as { default: Configuration };

/** The very function that reads the pattern when the two halves of an app are put together. */
const { minimatch } = createRequire(createRequire(import.meta.url).resolve('@electron/universal'))(
  'minimatch',
) as {
  minimatch(path: string, pattern: string, options: { matchBase: boolean }): boolean;
};

const folders: string[] = [];
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'magpie-natives-'));
  folders.push(made);
  return made;
}
afterEach(() => {
  for (const one of folders.splice(0)) rmSync(one, { recursive: true, force: true });
});

const packages = lockedPackages();
/** The modules of packed apps, as the builder leaves them. */
const TREES = {
  'linux-x64': [
    ['node_modules/@libsql/linux-x64-gnu/index.node', 'linux-x64'],
    ['node_modules/@node-rs/argon2-linux-x64-gnu/argon2.linux-x64-gnu.node', 'linux-x64'],
  ],
  'win32-x64': [
    ['node_modules/@libsql/win32-x64-msvc/index.node', 'win32-x64'],
    ['node_modules/@node-rs/argon2-win32-x64-msvc/argon2.win32-x64-msvc.node', 'win32-x64'],
  ],
  'darwin-x64': [
    ['node_modules/@libsql/darwin-x64/index.node', 'darwin-x64'],
    ['node_modules/@node-rs/argon2-darwin-x64/argon2.darwin-x64.node', 'darwin-x64'],
  ],
  'darwin-arm64': [
    ['node_modules/@libsql/darwin-arm64/index.node', 'darwin-arm64'],
    ['node_modules/@node-rs/argon2-darwin-arm64/argon2.darwin-arm64.node', 'darwin-arm64'],
  ],
} as const;
type Target = keyof typeof TREES;
const treeOf = (...targets: Target[]): NativeFile[] =>
  targets.flatMap((target) => TREES[target].map(([path, machine]) => ({ path, machines: [machine] })));
const machineOf = (target: string) => {
  const [platform = '', arch = ''] = target.split('-');
  return { platform, arch };
};
/** The processors of every package that is released. */
const RELEASED: Target[] = ['linux-x64', 'win32-x64', 'darwin-x64', 'darwin-arm64'];

describe('the native modules of a packed app', () => {
  test('are those of the lockfile that have one package for each machine', () => {
    expect([...nativeFamilies(packages).keys()].sort()).toEqual(['@node-rs/argon2', 'libsql']);
  });

  test('exist for every machine that is released, and the configuration releases no other one', () => {
    for (const target of RELEASED)
      expect(neededFor(packages, machineOf(target)).problems, target).toEqual([]);
    const { win, mac, linux } = configuration;
    const configured = (
      [
        ['win32', win],
        ['darwin', mac],
        ['linux', linux],
      ] as const
    ).flatMap(([platform, options]) =>
      ((options?.target ?? []) as { arch: string[] }[]).flatMap(({ arch }) =>
        arch
          .flatMap((one) => (one === 'universal' ? ['x64', 'arm64'] : [one]))
          .map((one) => `${platform}-${one}`),
      ),
    );
    expect([...new Set(configured)].sort()).toEqual([...RELEASED].sort());
    expect(neededFor(packages, machineOf('win32-arm64')).problems).toEqual([
      'libsql has no build for win32-arm64',
    ]);
  });

  test('are all there', () => {
    for (const target of RELEASED)
      expect(problemsOf(packages, treeOf(target), [machineOf(target)]), target).toEqual([]);
    const both = (['darwin-x64', 'darwin-arm64'] as const).map(machineOf);
    expect(problemsOf(packages, treeOf('darwin-x64', 'darwin-arm64'), both)).toEqual([]);
    expect(problemsOf(packages, treeOf('darwin-arm64'), both)).toEqual([
      '@libsql/darwin-x64 is missing',
      '@node-rs/argon2-darwin-x64 is missing',
    ]);
  });

  test('made on another machine: what it has is named', () => {
    expect(problemsOf(packages, treeOf('linux-x64'), [machineOf('win32-x64')])).toEqual([
      '@libsql/win32-x64-msvc is missing',
      '@node-rs/argon2-win32-x64-msvc is missing',
      'node_modules/@libsql/linux-x64-gnu/index.node is for another machine',
      'node_modules/@node-rs/argon2-linux-x64-gnu/argon2.linux-x64-gnu.node is for another machine',
    ]);
    const [libsql, argon] = treeOf('win32-x64');
    if (libsql === undefined || argon === undefined) throw new Error('no tree');
    expect(
      problemsOf(packages, [{ ...libsql, machines: ['win32-arm64'] }, argon], [machineOf('win32-x64')]),
    ).toEqual(['node_modules/@libsql/win32-x64-msvc/index.node is for win32-arm64, not win32-x64']);
  });

  test('are read from the folder beside the archive; those of this machine say so themselves', async () => {
    const resources = folder();
    expect(nativeFilesIn(resources)).toEqual([]);
    const { needed } = neededFor(packages, { platform: process.platform, arch: process.arch });
    for (const name of needed) {
      const target = join(resources, 'app.asar.unpacked/node_modules', name);
      mkdirSync(target, { recursive: true });
      const [module] = readdirSync(join(root, 'node_modules', name)).filter((one) => one.endsWith('.node'));
      await copyFile(join(root, 'node_modules', name, String(module)), join(target, 'it.node'));
    }
    expect(nativeFilesIn(resources)).toEqual(
      needed.map((name) => ({
        path: `node_modules/${name}/it.node`,
        machines: [`${process.platform}-${process.arch}`],
      })),
    );
  });

  test('tell their machine by their beginning', () => {
    const bytes = (change: (buffer: Buffer) => void) => {
      const buffer = Buffer.alloc(256);
      change(buffer);
      return machinesOf(buffer);
    };
    const windows = (machine: number) =>
      bytes((it) => {
        it.write('MZ');
        it.writeUInt32LE(0x80, 0x3c);
        it.write('PE\0\0', 0x80, 'latin1');
        it.writeUInt16LE(machine, 0x84);
      });
    expect(windows(0x8664)).toEqual(['win32-x64']);
    expect(windows(0xaa64)).toEqual(['win32-arm64']);
    expect(windows(0x14c)).toEqual([]);
    const mac = (type: number) =>
      bytes((it) => {
        it.writeUInt32LE(0xfeedfacf);
        it.writeUInt32LE(type, 4);
      });
    expect(mac(0x01000007)).toEqual(['darwin-x64']);
    expect(mac(0x0100000c)).toEqual(['darwin-arm64']);
    expect(
      bytes((it) => {
        it.writeUInt32BE(0xcafebabe);
        it.writeUInt32BE(2, 4);
        it.writeUInt32BE(0x01000007, 8);
        it.writeUInt32BE(0x0100000c, 28);
      }),
    ).toEqual(['darwin-x64', 'darwin-arm64']);
    expect(bytes((it) => it.write('MZ and nothing else'))).toEqual([]);
    expect(machinesOf(Buffer.from('short'))).toEqual([]);
  });

  test('of both kinds of Mac are left as they are when the two halves are put together, and nothing else is', () => {
    const pattern = String(configuration.mac?.x64ArchFiles);
    const isLeft = (path: string) => minimatch(`Contents/Resources/${path}`, pattern, { matchBase: true });
    for (const { path } of treeOf('darwin-x64', 'darwin-arm64'))
      expect(isLeft(`app.asar.unpacked/${path}`), path).toBe(true);
    expect(isLeft('app.asar.unpacked/node_modules/other/build.node')).toBe(false);
    expect(isLeft('../MacOS/Magpie')).toBe(false);
  });
});

describe('the modules of another processor', () => {
  /** A package as npm gives it. */
  async function archive(into: string): Promise<string> {
    const work = folder();
    mkdirSync(join(work, 'package'));
    writeFileSync(join(work, 'package/package.json'), JSON.stringify({ version: '1.2.3' }));
    writeFileSync(join(work, 'package/it.node'), 'native');
    const made = join(into, 'it.tgz');
    expect(spawnSync('tar', ['-czf', made, '-C', work, 'package']).status).toBe(0);
    return Promise.resolve(made);
  }
  const lock = (integrity: string) => ({
    'node_modules/lib': { optionalDependencies: { '@lib/darwin-arm64': '1.2.3' } },
    'node_modules/@lib/darwin-arm64': { version: '1.2.3', integrity, os: ['darwin'], cpu: ['arm64'] },
  });
  const mac = [{ platform: 'darwin', arch: 'arm64' }];

  test('come once, as the lockfile names them', async () => {
    const project = folder();
    const made = await archive(folder());
    const sum = createHash('sha512').update(readFileSync(made)).digest('base64');
    const options = {
      root: project,
      packages: lock(`sha512-${sum}`),
      fetchPackage: (spec: string) => {
        expect(spec).toBe('@lib/darwin-arm64@1.2.3');
        return Promise.resolve(made);
      },
    };
    expect(await bringForeignModules(mac, options)).toEqual(['@lib/darwin-arm64']);
    expect(readFileSync(join(project, 'node_modules/@lib/darwin-arm64/it.node'), 'utf8')).toBe('native');
    expect(readdirSync(join(project, 'node_modules/@lib'))).toEqual(['darwin-arm64']);
    expect(await bringForeignModules(mac, options)).toEqual([]);
  });

  test('are refused when they are others, or when nobody has built them', async () => {
    const project = folder();
    const options = {
      root: project,
      packages: lock('sha512-else'),
      fetchPackage: (_spec: string, into: string) => archive(into),
    };
    await expect(bringForeignModules(mac, options)).rejects.toThrow('not what package-lock.json says');
    expect(readdirSync(project)).toEqual([]);
    await expect(
      bringForeignModules([{ platform: 'win32', arch: 'arm64' }], { ...options, packages }),
    ).rejects.toThrow('libsql has no build for win32-arm64');
  });
});
