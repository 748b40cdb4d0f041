/** A picture that the window cannot draw goes as a file; what a camera wrote into it stays here, unless every byte was wanted. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { MediaDraft } from '#protocol/ipc';
import type { MediaContent, Message } from '#protocol/model/message';
import { accountMedia } from '../../../tests/helpers/account-media.ts';
import { avif } from '../../../tests/helpers/files/avif.ts';
import type { AccountMedia } from '../media/account-media.ts';
import type { SessionManager } from '../session/session-manager.ts';
import { createMediaHandlers } from './media-handlers.ts';

const CHOSEN = '00000000-0000-4000-8000-000000000001';
const SECRET = '48.8584 N 2.2945 E';
const photo = avif(SECRET);
const conversationId = 'single:2';
const caller = { windowId: 1 };

let folder = '';
let media: AccountMedia;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'magpie-quiet-sending-'));
  media = accountMedia({ folder, isOnline: () => false });
  await media.stageBytes({ id: CHOSEN, name: 'IMG_0001.HEIC', mime: 'image/heic', bytes: photo });
  await media.trays.save(conversationId, [{ file: CHOSEN, asFile: false, original: false }]);
});
afterEach(async () => {
  media.stop();
  await rm(folder, { recursive: true, force: true });
});

/** What is kept of the photo in the end. */
const isKept = async (id: string) => (await media.staged(id)) !== null;
const traysLeft = async () => [...(await media.trays.list()).values()].flat().length;

function sending(draft: MediaDraft, outbox: (content: MediaContent) => void) {
  const runtime = {
    media,
    sendMedia: (_conversationId: string, content: MediaContent) => {
      outbox(content);
      return Promise.resolve({ id: 'new', content } as unknown as Message);
    },
  };
  const session = { runtime: () => Promise.resolve(runtime) } as unknown as SessionManager;
  const nothing = {} as never;
  const handlers = createMediaHandlers(session, nothing, nothing);
  return handlers['messages:send-media']({ conversationId, content: draft }, caller);
}

async function sent(draft: MediaDraft) {
  const contents: MediaContent[] = [];
  await sending(draft, (content) => contents.push(content));
  const [content] = contents;
  if (content === undefined) throw new Error('nothing was sent');
  return { kind: content.kind, file: content.file, bytes: await media.bytes(content.file) };
}

test('what the message names tells nothing; what was chosen is kept no longer', async () => {
  const { kind, file, bytes } = await sent({ kind: 'file', file: CHOSEN, quiet: true });
  expect(kind).toBe('file');
  expect(photo.includes(SECRET)).toBe(true);
  expect(bytes.includes(SECRET)).toBe(false);
  expect(bytes).toHaveLength(photo.length);
  expect(file).toMatchObject({ name: 'IMG_0001.HEIC', mime: 'image/heic' });
  expect([await isKept(CHOSEN), await traysLeft()]).toEqual([false, 0]);
});

test('where every byte is wanted, every byte goes', async () => {
  const { file, bytes } = await sent({ kind: 'file', file: CHOSEN });
  expect(bytes.equals(photo)).toBe(true);
  expect(file.url).toContain(CHOSEN);
  expect(await traysLeft()).toBe(0);
});

test('one that tells nothing is not kept twice', async () => {
  const plain = '00000000-0000-4000-8000-000000000002';
  await media.stageBytes({ id: plain, name: 'a.heic', mime: '', bytes: avif() });
  const { file } = await sent({ kind: 'file', file: plain, quiet: true });
  expect(file.url).toContain(plain);
});

test('where it cannot be sent, what was chosen waits in its tray and nothing else is kept', async () => {
  const made: MediaContent[] = [];
  const attempt = sending({ kind: 'file', file: CHOSEN, quiet: true }, (content) => {
    made.push(content);
    throw new Error('the disk is full');
  });
  await expect(attempt).rejects.toThrow('the disk is full');
  expect([await isKept(CHOSEN), await traysLeft()]).toEqual([true, 1]);
  expect(await isKept(made[0]?.file.url.replace('stage:', '') ?? '')).toBe(false);
});
