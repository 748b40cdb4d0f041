// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { beforeEach, expect, it, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { MediaDraft } from '#protocol/ipc';
import { useAttachmentsStore } from './attachments.ts';
import { DEFAULT_SETTINGS, type Settings } from '#protocol/model/settings';
import { doubleBridge, type BridgeDouble } from './bridge.fixture.ts';
import { useSettingsStore } from './settings.ts';

// Nothing here draws pictures.
vi.mock('../lib/media/picture-workshop.ts', () => ({
  pictureSize: () => Promise.resolve(null),
  makeReady: () => Promise.resolve(null),
}));

const HERE = 'single:2';
let bridge: BridgeDouble;
/** What the outbox took, by the id of its file. */
let sent: string[];
const file = (name: string) => new File(['content'], name, { type: 'text/plain' });
const later = (): Promise<void> => Promise.resolve();

beforeEach(() => {
  sent = [];
  bridge = doubleBridge({
    'media:limit': () => 1_000,
    'media:trays': () => [],
    'media:recordings': () => [],
    'preparations:list': () => [],
    'messages:send-media': ({ content }: { content: MediaDraft }) => {
      sent.push(content.file);
      return {
        id: content.file,
        conversationId: HERE,
        position: { major: 1, minor: 0, ordinal: 1 },
        content,
      };
    },
  });
  setActivePinia(createPinia());
});
function signedIn(): ReturnType<typeof useAttachmentsStore> {
  const attachments = useAttachmentsStore();
  bridge.signIn('home');
  return attachments;
}
const names = (attachments: ReturnType<typeof useAttachmentsStore>) =>
  attachments.trayOf(HERE).map(({ name }) => name);
const discarded = () => bridge.calls.filter(({ channel }) => channel === 'media:discard');

it('gives back what could not be sent, in its order, and sends it the next time', async () => {
  const attachments = signedIn();
  const send = bridge.answers['messages:send-media'];
  let turn = 0;
  bridge.answers['messages:send-media'] = (input) => {
    turn += 1;
    if (turn !== 2) throw new MagpieError('disk-full', 'no room');
    return send?.(input);
  };
  await attachments.add(HERE, [file('one'), file('two'), file('three')]);
  const failures = await attachments.send(HERE, later);
  expect(failures.map(({ code }) => code)).toEqual(['disk-full', 'disk-full']);
  expect(names(attachments)).toEqual(['one', 'three']);
  expect(discarded()).toEqual([]);

  if (send !== undefined) bridge.answers['messages:send-media'] = send;
  expect(await attachments.send(HERE, later)).toEqual([]);
  expect(names(attachments)).toEqual([]);
  expect(sent).toHaveLength(3);
});

it('keeps in the tray what could not even be staged', async () => {
  const attachments = signedIn();
  const { stage } = bridge;
  bridge.stage = () => {
    throw new MagpieError('disk-full', 'no room');
  };
  await attachments.add(HERE, [file('out of the clipboard')]);
  expect(await attachments.send(HERE, later)).toMatchObject([{ code: 'disk-full' }]);
  expect(names(attachments)).toEqual(['out of the clipboard']);

  bridge.stage = stage;
  expect(await attachments.send(HERE, later)).toEqual([]);
  expect(bridge.staged).toEqual(['out of the clipboard']);
  expect(sent).toHaveLength(1);
});

it('has main keep what came back beside what was added meanwhile, each once', async () => {
  const attachments = signedIn();
  bridge.answers['messages:send-media'] = () => {
    throw new MagpieError('history-unavailable', 'later');
  };
  await attachments.add(HERE, [file('first')]);
  const sending = attachments.send(HERE, later);
  await attachments.add(HERE, [file('second')]);
  await sending;
  expect(names(attachments)).toEqual(['first', 'second']);
  const kept = bridge.calls.filter(({ channel }) => channel === 'media:save-tray').at(-1)?.input;
  expect(new Set((kept as { files: { file: string }[] }).files.map(({ file: id }) => id)).size).toBe(2);
});

it('lets go of a file whose original is gone', async () => {
  const attachments = signedIn();
  bridge.answers['messages:send-media'] = () => {
    throw new MagpieError('file-gone', 'it was changed');
  };
  await attachments.add(HERE, [file('one')]);
  expect(await attachments.send(HERE, later)).toMatchObject([{ code: 'file-gone' }]);
  expect(names(attachments)).toEqual([]);
  expect(discarded()).toHaveLength(1);
});

it('does not send the caption of what could not be sent; it goes with it the next time', async () => {
  const attachments = signedIn();
  const send = bridge.answers['messages:send-media'];
  bridge.answers['messages:send-media'] = () => {
    throw new MagpieError('disk-full', 'no room');
  };
  let captions = 0;
  const caption = (): Promise<void> => Promise.resolve(void (captions += 1));
  await attachments.add(HERE, [file('one')]);
  await attachments.send(HERE, caption);
  expect([names(attachments), captions]).toEqual([['one'], 0]);
  if (send !== undefined) bridge.answers['messages:send-media'] = send;
  await attachments.send(HERE, caption);
  expect([names(attachments), captions]).toEqual([[], 1]);
});

it('remembers per account whether pictures go as they are', async () => {
  bridge.answers['settings:update'] = (part: Partial<Settings>) => ({ ...DEFAULT_SETTINGS, ...part });
  const attachments = signedIn();
  const settings = useSettingsStore();
  const isOriginal = async (name: string) => {
    const { added } = await attachments.add(HERE, [file(name)]);
    return added[0]?.original;
  };
  expect(await isOriginal('before')).toBe(false);
  attachments.rememberOriginal(true);
  await vi.waitFor(() => expect(settings.settings.originalsOf).toEqual(['home']));
  expect(await isOriginal('after')).toBe(true);

  bridge.signIn('work');
  expect(await isOriginal('of the other account')).toBe(false);
  attachments.rememberOriginal(true);
  await vi.waitFor(() => expect(settings.settings.originalsOf).toEqual(['work', 'home']));

  bridge.signIn('home');
  attachments.rememberOriginal(false);
  await vi.waitFor(() => expect(settings.settings.originalsOf).toEqual(['work']));
  expect(await isOriginal('compressed again')).toBe(false);
});

it.each([
  ['IMG_0001.HEIC', '', {}, true],
  ['broken.jpg', 'image/jpeg', {}, true],
  ['IMG_0001.HEIC', '', { original: true }, false],
  ['IMG_0001.HEIC', '', { asFile: true }, false],
  ['words.txt', 'text/plain', {}, false],
])(
  '%s (%s) that cannot be drawn, chosen as %o: without what a camera wrote: %s',
  async (name, type, choice, quiet) => {
    const attachments = signedIn();
    await attachments.add(HERE, [new File(['content'], name, { type })]);
    await vi.waitFor(() => expect(attachments.trayOf(HERE)[0]?.isPicture).toBe(false));
    const key = attachments.trayOf(HERE)[0]?.key ?? '';
    attachments.change(HERE, key, choice);
    expect(await attachments.send(HERE, later)).toEqual([]);
    const drafts = bridge.calls.filter(({ channel }) => channel === 'messages:send-media');
    expect(drafts).toMatchObject([{ input: { content: { kind: 'file', quiet } } }]);
  },
);
