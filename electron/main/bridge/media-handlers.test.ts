import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaState } from '#protocol/ipc';
import type { FileContent, Message } from '#protocol/model/message';
import { createDragFiles } from '../media/drag-files.ts';
import { freePath } from '../media/places.ts';
import { sealedFiles } from '../media/sealed-files.ts';
import { createTrays } from '../media/trays.ts';
import type { SessionManager } from '../session/session-manager.ts';
import { createMediaHandlers } from './media-handlers.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-handlers-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const caller = { windowId: 1 };
const content = (name: string, url: string): FileContent => ({
  kind: 'file',
  text: '',
  file: { url, name, size: 1, mime: '' },
});

/** Accounts whose messages have the same ids, as those of real ones do; a saved file tells what was asked for. */
function desktop() {
  const accounts = new Map<string, Map<string, FileContent>>();
  const seen = {
    opened: [] as string[],
    dragged: [] as string[],
    saves: 0,
    handed: [] as unknown[],
    written: Promise.resolve(),
    savedUnder: [] as string[],
    state: 'here' as MediaState,
  };
  /** Windows of conversations. */
  const own = new Map<string, number>();
  const taken = new Set<string>();
  const runtimeOf = (name: string, messages: Map<string, FileContent>) => ({
    mediaMessage: (id: string) => Promise.resolve({ content: messages.get(id) }),
    sendMedia: async (_conversationId: string, sent: FileContent) => {
      await seen.written;
      return { id: 'new', content: sent } as unknown as Message;
    },
    media: {
      trays: createTrays(join(folder, `trays of ${name}`), sealedFiles('ab'.repeat(32))),
      waitsNoMore(ids: readonly string[]) {
        return this.trays.forget(ids);
      },
      staged: (id: string) => Promise.resolve({ id, name: `${id}.txt`, mime: 'text/plain', size: 1 }),
      state: () => Promise.resolve(seen.state),
      save: async (file: FileContent['file'], id: string, target: { folder: string } | { path: string }) => {
        seen.saves += 1;
        seen.savedUnder.push(id);
        const path = 'path' in target ? target.path : await freePath(target.folder, file.name, taken);
        await writeFile(path, `${file.url} of ${name}`);
        return path;
      },
    },
  });
  const runtimes = new Map<string, ReturnType<typeof runtimeOf>>();
  let shown = '';
  const handlers = createMediaHandlers(
    { runtime: () => Promise.resolve(runtimes.get(shown)) } as unknown as SessionManager,
    {
      downloads: () => folder,
      chooseTarget: () => Promise.resolve(null),
      open: async (path) => void seen.opened.push(await readFile(path, 'utf8')),
      showInFolder: () => undefined,
      dragFiles: createDragFiles(join(folder, 'dragged')),
      startDrag: (path) => void seen.dragged.push(path),
      copyImage: () => Promise.resolve(),
    },
    {
      shows: (windowId, conversationId) => windowId === (own.get(conversationId) ?? caller.windowId),
      handOver: (handed) => own.has(handed.conversationId) && seen.handed.push(handed) > 0,
    },
  );
  return {
    handlers,
    seen,
    own,
    show(name: string, messages: Record<string, FileContent>) {
      const known = accounts.get(name) ?? new Map<string, FileContent>();
      accounts.set(name, known);
      known.clear();
      for (const [id, one] of Object.entries(messages)) known.set(id, one);
      runtimes.set(name, runtimes.get(name) ?? runtimeOf(name, known));
      shown = name;
    },
  };
}

test('what is opened or dragged out is the file of the account that is shown, and of the message of now', async () => {
  const { handlers, seen, show } = desktop();
  const open = () => handlers['media:open']({ messageId: 'r17', anyway: false }, caller);
  const drag = async () => {
    await handlers['media:prepare-drag']({ messageId: 'r17' }, caller);
    await handlers['media:drag']({ messageId: 'r17' }, caller);
    return readFile(seen.dragged.at(-1) ?? '', 'utf8');
  };
  show('Ann', { r17: content('plan.txt', '/1') });
  await open();
  expect(await drag()).toBe('/1 of Ann');
  show('Bob', { r17: content('plan.txt', '/1') });
  await expect(
    handlers['media:drag']({ messageId: 'r17' }, caller),
    'not made ready here',
  ).rejects.toMatchObject({
    code: 'not-allowed',
  });
  await open();
  expect(await drag()).toBe('/1 of Bob');
  show('Ann', { r17: content('other.txt', '/2') });
  await open();
  expect(await drag()).toBe('/2 of Ann');
  show('Ann', { r17: content('plan.txt', '/1') });
  await open();
  expect(seen.opened).toEqual(['/1 of Ann', '/1 of Bob', '/2 of Ann', '/1 of Ann']);
  expect(seen.saves, 'each once to open and once to drag').toBe(6);
});

test('a double click loads once, opens once and says nothing; what was deleted meanwhile is written anew', async () => {
  const { handlers, seen, show } = desktop();
  show('Ann', { r1: content('plan.txt', '/1') });
  const open = () => handlers['media:open']({ messageId: 'r1', anyway: false }, caller);
  await Promise.all([open(), open()]);
  expect(seen).toMatchObject({ saves: 1, opened: ['/1 of Ann'] });
  await rm(join(folder, 'plan.txt'));
  await open();
  expect(seen.saves).toBe(2);
});

test.each(['setup.exe', 'setup.exe.', 'setup.exe. .'])('%s is opened only after a question', async (name) => {
  const { handlers, seen, show } = desktop();
  show('Ann', { r1: content(name, '/1') });
  await expect(handlers['media:open']({ messageId: 'r1', anyway: false }, caller)).rejects.toMatchObject({
    code: 'runs-program',
  });
  expect(seen.saves).toBe(0);
  await handlers['media:open']({ messageId: 'r1', anyway: true }, caller);
  expect(seen.opened).toHaveLength(1);
});

test('the tray of a conversation is that of its own window: others neither replace nor lose what lies there', async () => {
  const { handlers, seen, own, show } = desktop();
  show('Ann', {});
  const item = (file: string) => ({ file, asFile: false, original: false });
  const [mine, other] = [{ windowId: 2 }, { windowId: 3 }];
  const kept = async () =>
    (await handlers['media:trays'](undefined, caller)).map(({ files }) => files.map(({ file }) => file));
  const save = (files: string[], from: typeof caller) =>
    handlers['media:save-tray']({ conversationId: 'single:2', files: files.map(item) }, from);
  own.set('single:2', mine.windowId);
  await save(['one', 'two'], mine);
  for (const stranger of [caller, other])
    await expect(save(['three'], stranger)).rejects.toMatchObject({ code: 'not-allowed' });
  expect(await kept()).toEqual([['one', 'two']]);

  const hand = (file: string) =>
    handlers['media:hand-over']({ conversationId: 'single:2', files: [item(file)], words: 'look' }, caller);
  expect(await hand('three')).toBe(true);
  expect(await kept()).toEqual([['one', 'two', 'three']]);
  expect(seen.handed).toMatchObject([
    { conversationId: 'single:2', files: [{ file: 'three', name: 'three.txt' }], words: 'look' },
  ]);

  own.delete('single:2');
  expect(await hand('four'), 'it was closed meanwhile').toBe(false);
  expect(await kept()).toEqual([['one', 'two', 'three', 'four']]);
  await save(['four'], caller);
  expect(await kept()).toEqual([['four']]);
});

test('a file that becomes a message while its window goes is in the conversation or in its tray, never in both or neither', async () => {
  const { handlers, seen, show } = desktop();
  show('ann', {});
  const file = '00000000-0000-4000-8000-000000000001';
  const files = [{ file, asFile: true, original: false }];
  const conversationId = 'single:7';
  await handlers['media:save-tray']({ conversationId, files }, caller);
  const waiting = async () =>
    (await handlers['media:trays'](undefined, caller)).flatMap((tray) => tray.files);
  const send = () =>
    handlers['messages:send-media']({ conversationId, content: { kind: 'file', file } }, caller);

  seen.written = Promise.reject(new Error('the disk is gone'));
  const [failed, left] = await Promise.allSettled([send(), waiting()]);
  expect(failed.status).toBe('rejected');
  expect(left).toMatchObject({ value: [{ file }] });

  let written = (): void => undefined;
  seen.written = new Promise((resolve) => (written = resolve));
  const both = Promise.all([send(), waiting()]);
  await new Promise((resolve) => setImmediate(resolve));
  written();
  const [, nothing] = await both;
  expect(nothing).toEqual([]);
  expect(await waiting()).toEqual([]);
});

test('what nobody held any more lies readable no longer; what a program took, and what has no other place, does', async () => {
  const { handlers, seen, show } = desktop();
  show('Ann', { r17: content('plan.txt', '/1') });
  const input = { messageId: 'r17' };
  const dragged = async () => (await readdir(join(folder, 'dragged'))).length;
  await handlers['media:prepare-drag'](input, caller);
  expect(seen.savedUnder, 'where its bubble shows how far it is').toEqual(['r17']);
  expect(await dragged()).toBe(1);
  await handlers['media:release-drag'](input, caller);
  expect(await dragged()).toBe(0);
  await expect(handlers['media:drag'](input, caller)).rejects.toMatchObject({ code: 'not-allowed' });

  seen.state = 'on-server';
  await handlers['media:prepare-drag'](input, caller);
  await handlers['media:release-drag'](input, caller);
  expect(await dragged(), 'it would have to be loaded again').toBe(1);

  seen.state = 'here';
  await handlers['media:drag'](input, caller);
  await handlers['media:prepare-drag'](input, caller);
  await handlers['media:release-drag'](input, caller);
  expect(await readFile(seen.dragged.at(-1) ?? '', 'utf8')).toBe('/1 of Ann');
});
