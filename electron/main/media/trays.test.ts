import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { sealedFiles } from './sealed-files.ts';
import { createRecordings, createTrays } from './trays.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-trays-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const open = () => createTrays(join(folder, 'trays'), sealedFiles('ab'.repeat(32)));
const item = (file: string) => ({ file, asFile: false, original: false });
const listed = async (trays: ReturnType<typeof open>) => Object.fromEntries(await trays.list());

test('the next run finds what was chosen, in its order and form, and the disk tells nobody', async () => {
  const trays = open();
  const chosen = [{ ...item('b'), original: true }, item('a')];
  // Faster than the disk: the last word counts.
  await Promise.all([trays.save('single:7', [item('b')]), trays.save('single:7', chosen)]);
  await trays.save('group:1', [{ ...item('c'), asFile: true }]);
  expect(await listed(open())).toEqual({
    'single:7': chosen,
    'group:1': [{ ...item('c'), asFile: true }],
  });
  expect((await readFile(join(folder, 'trays'))).includes('single:7')).toBe(false);
});

test('what became a message or was taken out is in no tray any more, and an empty tray is none', async () => {
  const trays = open();
  await trays.save('single:7', [item('a'), item('b')]);
  await trays.save('single:8', [item('c')]);
  await trays.forget(['a', 'c', 'never there']);
  expect(await listed(open())).toEqual({ 'single:7': [item('b')] });
  await trays.save('single:7', []);
  expect(await listed(open())).toEqual({});
});

test('files that are gone are dropped; a file that cannot be read is a beginning', async () => {
  const trays = open();
  await trays.save('single:7', [item('a'), item('b')]);
  await trays.drop((file) => file === 'b');
  expect(await listed(open())).toEqual({ 'single:7': [item('b')] });
  expect(await listed(createTrays(join(folder, 'trays'), sealedFiles('cd'.repeat(32))))).toEqual({});
});

test('what was spoken is remembered with its length and look, the last one of a conversation', async () => {
  const openRecordings = () => createRecordings(join(folder, 'recordings'), sealedFiles('ab'.repeat(32)));
  const recordings = openRecordings();
  const spoken = (file: string) => ({ file, duration: 2_000, waveform: [3, 99] });
  await recordings.save('single:7', [spoken('a')]);
  await recordings.save('single:7', [spoken('b')]);
  await recordings.save('single:8', [spoken('c')]);
  expect(Object.fromEntries(await openRecordings().list())).toEqual({
    'single:7': [spoken('b')],
    'single:8': [spoken('c')],
  });
  await recordings.forget(['b']);
  expect([...(await openRecordings().list()).keys()]).toEqual(['single:8']);
});

test('a window that has not heard yet that a file became a message does not bring it back', async () => {
  const trays = open();
  await trays.save('single:7', [item('a'), item('b')]);
  await trays.forget(['a']);
  await trays.save('single:7', [item('a'), item('b')]);
  expect(await listed(trays)).toEqual({ 'single:7': [item('b')] });
});
