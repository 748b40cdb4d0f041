/** Backups of a server that works meanwhile: what is in them, what damages are found, and what a restore brings back. */
import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import { copyFolder } from '../../../server/backup/copy-folder.ts';
import { makeBackup } from '../../../server/backup/make-backup.ts';
import { chooseBackup, listBackups } from '../../../server/backup/place.ts';
import { finishRestore, restoreBackup } from '../../../server/backup/restore-backup.ts';
import { verifyBackup } from '../../../server/backup/verify-backup.ts';
import { diskBlobStore } from '../../../server/files/disk-blob-store.ts';
import { holdable } from '../../../server/files/held-blobs.ts';
import { openSqliteStorage } from '../../../server/storage/sqlite/sqlite-storage.ts';
import { PlainClient } from '../../helpers/plain-egg-im/plain-client.ts';
import { canMount, smallDisk, type SmallDisk } from '../../helpers/small-disk.ts';
import { inhabited, listing, run, sendFile, sha256, textsOf } from './backups.ts';
import { query, temporaryDirectory, testServer } from './harness.ts';

const restore = (path: string, folder: string, replace = false) =>
  restoreBackup(path, folder, { replace, now: Date.now() });

test('a backup of a server at work is one moment of it, and restored it is the same server', async () => {
  const server = await inhabited();
  const { client, anna, bert } = server;
  let sent = 0;
  let writing = true;
  const writer = (async () => {
    while (writing) await client.sendText(anna, bert.id, `meanwhile ${++sent}`);
  })();
  const before = sent;
  const made = await server.backups.make({ place: join(temporaryDirectory(), 'place') });
  writing = false;
  await writer;
  expect(sent, 'nobody waited for the backup').toBeGreaterThan(before);
  expect(await verifyBackup(made.path)).toMatchObject({ sound: true, problems: [], missing: 0 });

  const folder = join(temporaryDirectory(), 'data');
  await restore(made.path, folder);
  const texts = textsOf(folder);
  expect(textsOf(server.directory).slice(0, texts.length)).toEqual(texts);
  expect(texts.length).toBeGreaterThanOrEqual(5 + 1 + 1);
  await server.stop();

  const second = await testServer({ dataDirectory: folder });
  expect((await second.client.login('anna01')).id).toBe(anna.id);
  // The secret came along, so nobody was signed out either.
  const file = await fetch(second.origin + server.url, { headers: { token: bert.token } });
  expect(sha256(Buffer.from(await file.arrayBuffer()))).toBe(sha256(server.content));
  const again = await second.client.login('bert01');
  await second.client.sendText(again, anna.id, 'after');
  expect(textsOf(folder)).toHaveLength(texts.length + 1);
});

test('content that is given up while a backup is made is in it all the same, and goes afterwards', async () => {
  const server = await inhabited();
  await server.stop();
  const storage = openSqliteStorage(join(server.directory, 'magpie.db'), Date.now());
  const blobs = holdable(diskBlobStore(join(server.directory, 'files/content')));
  const wanted = sha256(server.content);
  const made = await makeBackup(
    {
      dataDirectory: server.directory,
      storage: 'disk',
      async snapshot(target) {
        await storage.snapshot(target);
        // The message is taken back and a sweep comes by.
        await blobs.remove(wanted);
      },
      holdContent: () => blobs.hold(),
      now: Date.now,
    },
    { place: temporaryDirectory(), keep: 0 },
  );
  expect(made.manifest.missing).toEqual([]);
  expect(made.manifest.files.map(({ sha256: one }) => one)).toContain(wanted);
  await blobs.remove(wanted);
  expect(await blobs.has(wanted)).toBe(false);
  await storage.close();
});

test('backups share what has not changed, keep as many as asked, and carry no damage on', async () => {
  const server = await inhabited();
  const place = temporaryDirectory();
  const blob = (path: string) => {
    const found = listing(path);
    const name = Object.keys(found).find((one) => found[one] === sha256(server.content)) ?? '';
    return { path: join(path, name), inode: statSync(join(path, name)).ino };
  };
  const first = await server.backups.make({ place, keep: 2 });
  const second = await server.backups.make({ place, keep: 2 });
  expect(blob(second.path).inode).toBe(blob(first.path).inode);
  // Bits rot: in the shared file, so in both.
  writeFileSync(blob(second.path).path, Buffer.alloc(server.content.length));
  const third = await server.backups.make({ place, keep: 2 });
  expect(await verifyBackup(third.path)).toMatchObject({ sound: true });
  expect((await listBackups(place)).map(({ path }) => path).sort()).toEqual([second.path, third.path].sort());
  expect((await verifyBackup(second.path)).problems.join()).toContain('its bytes have changed');
  expect(readdirSync(place).filter((name) => name.startsWith('.incomplete'))).toEqual([]);

  // Another server's backups in the same place are not counted, and which one is meant has to be said.
  const other = await inhabited();
  await other.backups.make({ place, keep: 1 });
  expect(await listBackups(place)).toHaveLength(3);
  await expect(chooseBackup(place)).rejects.toThrow('backups of several servers');
});

describe('what an administrator has put there', () => {
  /** A release of one file, as it lies in the data folder. */
  function putRelease(directory: string, version: string, content: Buffer): void {
    const sha512 = createHash('sha512').update(content).digest('base64');
    mkdirSync(join(directory, 'updates'), { recursive: true });
    writeFileSync(join(directory, 'updates/magpie.AppImage'), content);
    writeFileSync(
      join(directory, 'updates/latest-linux.yml'),
      `version: ${version}\nfiles:\n  - url: magpie.AppImage\n    sha512: ${sha512}\n`,
    );
  }
  /** Whether the metadata of a release is that of the file beside it. */
  const isWhole = (folder: string) =>
    readFileSync(join(folder, 'updates/latest-linux.yml'), 'utf8').includes(
      createHash('sha512')
        .update(readFileSync(join(folder, 'updates/magpie.AppImage')))
        .digest('base64'),
    );

  test('the release of the app and the dictionaries are restored, and shared while they stay the same', async () => {
    const server = await inhabited();
    const app = randomBytes(3_000_000);
    putRelease(server.directory, '2.0.0', app);
    writeFileSync(join(server.directory, 'updates/magpie-3.AppImage.incoming'), 'half of it');
    mkdirSync(join(server.directory, 'dictionaries'), { recursive: true });
    writeFileSync(join(server.directory, 'dictionaries/en-US-10-1.bdic'), 'BDic words');
    const place = temporaryDirectory();
    const first = await server.backups.make({ place });
    const names = first.manifest.files.map(({ path }) => path);
    expect(names).toEqual(
      expect.arrayContaining([
        'updates/magpie.AppImage',
        'updates/latest-linux.yml',
        'dictionaries/en-US-10-1.bdic',
      ]),
    );
    expect(names.join()).not.toContain('.incoming');

    putRelease(server.directory, '2.0.1', app);
    const second = await server.backups.make({ place });
    const inode = (path: string, name: string) => statSync(join(path, name)).ino;
    for (const [name, isShared] of [
      ['updates/magpie.AppImage', true],
      ['dictionaries/en-US-10-1.bdic', true],
      ['updates/latest-linux.yml', false],
    ] as const)
      expect(inode(first.path, name) === inode(second.path, name), name).toBe(isShared);
    for (const { path } of [first, second]) expect(await verifyBackup(path)).toMatchObject({ sound: true });
    writeFileSync(join(second.path, 'dictionaries/en-US-10-1.bdic'), 'BDic wards');
    expect((await verifyBackup(second.path)).problems.join()).toContain(
      'dictionaries/en-US-10-1.bdic is not what',
    );
    // Shared, so both are harmed; the next one takes the bytes from the data folder again.
    const third = await server.backups.make({ place });
    expect(await verifyBackup(third.path)).toMatchObject({ sound: true });

    const folder = join(temporaryDirectory(), 'data');
    await restore(third.path, folder);
    const restored = await testServer({ dataDirectory: folder });
    expect(await (await fetch(`${restored.origin}/updates/latest-linux.yml`)).text()).toContain('2.0.1');
    const offered = await fetch(`${restored.origin}/updates/magpie.AppImage`);
    expect(sha256(Buffer.from(await offered.arrayBuffer()))).toBe(sha256(app));
    const words = await fetch(`${restored.origin}/dictionaries/en-US-10-1.bdic`);
    expect(await words.text()).toBe('BDic words');
  });

  test('a release that is published meanwhile is in it as a whole, and one that never stands still ends it', async () => {
    const server = await inhabited();
    putRelease(server.directory, '2.0.0', randomBytes(100_000));
    const target = temporaryDirectory();
    const copy = (sums: ReadonlyMap<string, string>) =>
      copyFolder({ root: server.directory, name: 'updates', target, former: { folder: target, sums } });
    let published = 0;
    /** Publishes when the first file of the folder is looked at; which is what this map is asked for. */
    const publishing = (times: number): ReadonlyMap<string, string> =>
      Object.assign(new Map<string, string>(), {
        get(path: string) {
          if (path.endsWith('.yml') && published < times)
            putRelease(server.directory, `2.1.${++published}`, randomBytes(100_000 + published));
          return undefined;
        },
      });
    await copy(publishing(2));
    expect(published).toBe(2);
    expect(isWhole(target)).toBe(true);
    expect(readFileSync(join(target, 'updates/latest-linux.yml'), 'utf8')).toContain('version: 2.1.2');
    rmSync(join(target, 'updates'), { recursive: true });
    await expect(copy(publishing(Number.POSITIVE_INFINITY))).rejects.toThrow('changed all the time');
    expect(existsSync(join(target, 'updates'))).toBe(false);
  });
});

test('a file that the data folder has lost is named, and saved again from the backup before', async () => {
  const server = await inhabited();
  const place = temporaryDirectory();
  const stored = join(
    server.directory,
    'files/content',
    sha256(server.content).slice(0, 2),
    sha256(server.content),
  );
  await server.backups.make({ place });
  writeFileSync(stored, 'rotten');
  const second = await server.backups.make({ place });
  expect(second.manifest.missing).toEqual([]);
  const elsewhere = await server.backups.make({ place: temporaryDirectory() });
  expect(elsewhere.manifest.missing).toEqual([sha256(server.content)]);
  expect(await verifyBackup(elsewhere.path)).toMatchObject({ sound: true, missing: 1 });
});

test('one wrong byte anywhere is found, and such a backup changes nothing', async () => {
  const server = await inhabited();
  const made = await server.backups.make({ place: temporaryDirectory() });
  const names = Object.keys(listing(made.path));
  const work = temporaryDirectory();
  let count = 0;
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(...names),
      fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
      fc.constantFrom<'flip' | 'cut' | 'remove'>('flip', 'flip', 'cut', 'remove'),
      async (name, where, harm) => {
        const copy = join(work, String(++count));
        cpSync(made.path, copy, { recursive: true });
        const path = join(copy, name);
        const bytes = readFileSync(path);
        const at = Math.floor(where * bytes.length);
        if (harm === 'remove') rmSync(path);
        else if (harm === 'cut') writeFileSync(path, bytes.subarray(0, at));
        else {
          bytes[at] = (bytes[at] ?? 0) ^ 0x10;
          writeFileSync(path, bytes);
        }
        const folder = join(work, `data-${count}`);
        expect((await verifyBackup(copy)).sound).toBe(false);
        await expect(restore(copy, folder)).rejects.toThrow();
        if (existsSync(folder)) expect(Object.keys(listing(folder))).toEqual([]);
        rmSync(copy, { recursive: true });
      },
    ),
    { numRuns: 25 },
  );
});

test('a restore does not touch data that are there unless told to, and sets them aside then', async () => {
  const server = await inhabited();
  const made = await server.backups.make({ place: temporaryDirectory() });
  await server.client.sendText(server.anna, server.bert.id, 'newer than the backup');
  await expect(restore(made.path, server.directory, true)).rejects.toThrow('another server is using');
  const newer = textsOf(server.directory);
  await server.stop();
  const untouched = listing(server.directory);
  await expect(restore(made.path, server.directory)).rejects.toThrow('holds data');
  expect(listing(server.directory)).toEqual(untouched);

  const { former } = await restore(made.path, server.directory, true);
  expect(textsOf(server.directory)).toEqual(newer.slice(0, -1));
  expect(textsOf(former ?? '')).toEqual(newer);
});

test('a backup of a newer version is not put over data of this one', async () => {
  const server = await inhabited();
  const made = await server.backups.make({ place: temporaryDirectory() });
  query(made.path, 'PRAGMA user_version = 9999');
  expect((await verifyBackup(made.path)).problems.join()).toContain('newer version');
});

/** Tests that start the program many times. */
const MANY_STARTS = 240_000;

describe('killed', () => {
  test(
    'at any step of a backup: what has its name is whole, and the next one goes well',
    async () => {
      const server = await inhabited();
      await sendFile(server, server.anna, server.bert);
      await server.stop();
      const place = join(temporaryDirectory(), 'place');
      const args = ['backup', '--to', place, '--data', server.directory, '--keep', '1'];
      expect((await run(args)).code).toBe(0);
      let deaths = 0;
      for (let step = 2; ; step += 2) {
        const { signal } = await run(args, { step, within: place });
        for (const { path } of await listBackups(place)) {
          expect(await verifyBackup(path), `killed at step ${step}`).toMatchObject({ sound: true });
        }
        if (signal === null) break;
        deaths += 1;
      }
      expect(deaths).toBeGreaterThan(4);
      const last = await run(args);
      expect(last.code).toBe(0);
      expect(readdirSync(place).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(await listBackups(place)).toHaveLength(1);
    },
    MANY_STARTS,
  );

  test(
    'at any step of a restore: the folder is the old one or the new one, never a mixture',
    async () => {
      const server = await inhabited();
      const made = await server.backups.make({ place: temporaryDirectory() });
      await server.client.sendText(server.anna, server.bert.id, 'newer');
      const newer = textsOf(server.directory);
      const older = newer.slice(0, -1);
      await server.stop();
      const outcomes = new Set<string>();
      for (let step = 3; ; step += 2) {
        const folder = join(temporaryDirectory(), 'data');
        cpSync(server.directory, folder, { recursive: true });
        const args = ['restore', made.path, '--data', folder, '--replace'];
        const { signal } = await run(args, { step, within: folder });
        finishRestore(folder);
        const texts = textsOf(folder);
        const isNew = texts.length === older.length;
        outcomes.add(isNew ? 'new' : 'old');
        expect(texts, `killed at step ${step}`).toEqual(isNew ? older : newer);
        const restarted = await testServer({ dataDirectory: folder });
        const file = await fetch(restarted.origin + server.url, { headers: { token: server.bert.token } });
        expect(sha256(Buffer.from(await file.arrayBuffer()))).toBe(sha256(server.content));
        await restarted.stop();
        expect(existsSync(join(folder, '.restoring'))).toBe(false);
        expect(existsSync(join(folder, 'restore.json'))).toBe(false);
        if (signal === null) break;
      }
      expect([...outcomes].sort()).toEqual(['new', 'old']);
    },
    MANY_STARTS,
  );
});

describe('a full disk', () => {
  let disk: SmallDisk | undefined;
  afterEach(() => {
    disk?.remove();
    disk = undefined;
  });

  test.skipIf(!canMount)(
    'ends a backup in one line, leaves nothing, and harms neither data nor older ones',
    async () => {
      disk = smallDisk(join(temporaryDirectory(), 'place'), 6);
      const server = await inhabited();
      const first = await server.backups.make({ place: disk.path });
      await sendFile(server, server.anna, server.bert, 3_000_000);
      disk.fill();
      await expect(server.backups.make({ place: disk.path })).rejects.toMatchObject({ problem: 'disk-full' });
      expect((await server.backups.state()).failure).toMatchObject({ problem: 'disk-full' });
      expect(readdirSync(disk.path).filter((name) => name.startsWith('.'))).toEqual([]);
      expect(await verifyBackup(first.path)).toMatchObject({ sound: true });
      await server.client.sendText(server.anna, server.bert.id, 'goes on');
      disk.free();
      const second = await server.backups.make({ place: disk.path });
      expect(await verifyBackup(second.path)).toMatchObject({ sound: true });
      expect((await server.backups.state()).failure).toBeNull();
    },
  );

  test.skipIf(!canMount)('ends a restore before anything was changed', async () => {
    const server = await inhabited();
    const made = await server.backups.make({ place: temporaryDirectory() });
    await server.stop();
    disk = smallDisk(join(temporaryDirectory(), 'data'), 6);
    cpSync(server.directory, disk.path, { recursive: true });
    const before = textsOf(disk.path);
    disk.fill();
    await expect(restore(made.path, disk.path, true)).rejects.toThrow(/ENOSPC|full/);
    disk.free();
    expect(textsOf(disk.path)).toEqual(before);
    expect(readdirSync(disk.path)).not.toContain('.restoring');
  });
});

test('the schedule makes them by itself, keeps its number, and goes on where it was after a restart', async () => {
  const place = temporaryDirectory();
  const plan = { backupTo: place, backupHours: 1 / 3600, backupKeep: 2 };
  const server = await inhabited(plan);
  await expect.poll(() => listBackups(place), { timeout: 30_000 }).toHaveLength(1);
  await expect.poll(async () => (await listBackups(place)).length, { timeout: 30_000 }).toBe(2);
  const seen = (await listBackups(place))[0];
  await expect
    .poll(async () => (await listBackups(place)).map(({ madeAt }) => madeAt > (seen?.madeAt ?? 0)), {
      timeout: 30_000,
    })
    .toEqual([true, true]);
  await server.stop();
  const last = (await listBackups(place))[0];
  const restarted = await testServer({ ...plan, backupHours: 24, dataDirectory: server.directory });
  expect(await restarted.backups.state()).toMatchObject({
    last: { path: last?.path },
    nextAt: (last?.madeAt ?? 0) + 24 * 60 * 60_000,
    running: null,
  });
});

test('an unusable place is told in one line and kept for later, also over a restart', async () => {
  const blocked = join(temporaryDirectory(), 'file');
  writeFileSync(blocked, '');
  const server = await inhabited();
  await expect(server.backups.make({ place: join(blocked, 'place') })).rejects.toMatchObject({
    problem: 'place-unusable',
  });
  await expect(server.backups.make({ place: join(server.directory, 'backups') })).rejects.toThrow(
    'lies in the data folder',
  );
  await server.stop();
  const restarted = await testServer({ dataDirectory: server.directory });
  expect((await restarted.backups.state()).failure?.message).toContain('lies in the data folder');
});

test(
  'from the command line: made by the running server or without one, verified, restored',
  async () => {
    const server = await inhabited();
    const place = join(temporaryDirectory(), 'place');
    const running = await run(['backup', '--to', place, '--data', server.directory]);
    expect(running).toMatchObject({ code: 0, errors: '' });
    const { backup } = JSON.parse(running.output) as { backup: string };
    expect(JSON.parse((await run(['verify', backup])).output)).toMatchObject({ sound: true });
    await server.stop();
    expect((await run(['backup', '--to', place, '--data', server.directory])).code).toBe(0);
    const folder = join(temporaryDirectory(), 'new', 'data');
    // The place stands for the newest backup in it.
    expect((await run(['restore', place, '--data', folder])).code).toBe(0);
    const client = new PlainClient((await testServer({ dataDirectory: folder })).origin);
    expect((await client.login('anna01')).id).toBe(server.anna.id);

    expect(await run(['restore', place, '--data', server.directory])).toMatchObject({
      code: 2,
      errors: expect.stringMatching(/^magpie-server: .*holds data.*--replace.*\n$/u) as string,
    });
    rmSync(join(backup, 'token-secret'));
    expect(await run(['verify', backup])).toMatchObject({ code: 1, errors: '' });
    mkdirSync(join(place, 'empty'));
    expect(await run(['verify', join(place, 'empty')])).toMatchObject({
      code: 2,
      errors: expect.stringContaining('there is no backup in') as string,
    });
    expect(await run(['backup'])).toMatchObject({
      code: 2,
      errors: 'magpie-server: say where to: --to FOLDER\n',
    });
  },
  MANY_STARTS,
);

test.skipIf(process.platform === 'win32')('a backup is readable by its owner only', async () => {
  const server = await inhabited();
  const made = await server.backups.make({ place: join(temporaryDirectory(), 'place') });
  for (const name of Object.keys(listing(made.path)))
    expect((statSync(join(made.path, name)).mode & 0o777).toString(8), name).toBe('600');
  expect((statSync(made.path).mode & 0o777).toString(8)).toBe('700');
});
