// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { AccountChanges, AppSnapshot } from '#protocol/ipc';
import type { Message } from '#protocol/model/message';
import { DEFAULT_SETTINGS, type Settings } from '#protocol/model/settings';
import { doubleBridge, type BridgeDouble } from './bridge.fixture.ts';
import { useMessagesStore } from './messages.ts';
import { usePlayerStore } from './player.ts';
import { useSessionStore } from './session.ts';
import { useSettingsStore } from './settings.ts';

const HERE = 'single:2';
const THERE = 'single:3';
const message = (id: string, ordinal: number, facts: Partial<Message> = {}): Message =>
  ({
    ...{
      id,
      conversationId: HERE,
      position: { major: ordinal, minor: 0, ordinal },
      own: false,
      recalled: false,
    },
    content: { kind: 'voice', duration: 2_000, waveform: [], file: { url: `magpie-media://file/${id}` } },
    ...facts,
  }) as Message;
const text = { content: { kind: 'text', text: 'between' } } as Partial<Message>;
/** Everything that makes a sound; the player has one. */
const sounds: HTMLAudioElement[] = [];
let bridge: BridgeDouble;

beforeEach(() => {
  sounds.length = 0;
  vi.stubGlobal(
    'Audio',
    class extends Audio {
      constructor() {
        super();
        sounds.push(this);
      }
    },
  );
  bridge = doubleBridge({
    'settings:update': (part: Partial<Settings>) => ({ ...DEFAULT_SETTINGS, ...part }),
  });
  setActivePinia(createPinia());
  useSessionStore();
  bridge.signIn('home');
});
afterEach(() => vi.unstubAllGlobals());

async function play(one: Message) {
  const player = usePlayerStore();
  player.toggle(one);
  await vi.waitFor(() => expect(player.playing).toBe(true));
  const [audio] = sounds;
  if (audio === undefined) throw new Error('nothing sounds');
  return { player, audio };
}
/** The page that the conversation is shown with. */
async function show(conversationId: string, messages: Message[]): Promise<void> {
  bridge.answers['messages:page'] = () => ({ messages, hasOlder: false, hasNewer: false });
  await useMessagesStore().open(conversationId);
}
const changed = (changes: Partial<AccountChanges>): void =>
  bridge.tell('history:changed', {
    ...{ accountKey: 'home', messages: [], conversations: [], unreadTotal: 0 },
    ...{ removedConversations: [], removedMessages: [] },
    ...changes,
  });

it.each<[string, Partial<AccountChanges>]>([
  ['is recalled', { messages: [message('one', 1, { recalled: true })] }],
  ['is deleted', { removedMessages: [{ conversationId: HERE, messageId: 'one' }] }],
  ['leaves with its conversation', { removedConversations: [HERE] }],
])('stops when what is heard %s', async (_what, changes) => {
  const { player, audio } = await play(message('one', 1));
  changed(changes);
  expect(player.current).toBeNull();
  expect(audio.paused).toBe(true);
  expect(audio.hasAttribute('src')).toBe(false);
});

it('goes on when another one goes, or one of the same name in another account', async () => {
  const { player, audio } = await play(message('one', 1));
  changed({ messages: [message('one', 1), message('two', 2, { recalled: true })] });
  changed({ removedMessages: [{ conversationId: HERE, messageId: 'two' }], removedConversations: [THERE] });
  changed({ removedMessages: [{ conversationId: HERE, messageId: 'one' }], accountKey: 'work' });
  expect(player.current).toBe('one');
  expect(audio.paused).toBe(false);
});

it('goes on while the person looks at another conversation, and plays the next one of its own', async () => {
  const next = message('next', 4);
  await show(HERE, [
    message('one', 1),
    message('text', 2, text),
    ...[message('own', 3, { own: true }), message('gone', 3, { recalled: true }), next],
  ]);
  const { player, audio } = await play(message('one', 1));
  await show(THERE, [message('other', 9, { conversationId: THERE })]);
  expect(player.current).toBe('one');
  expect(audio.paused).toBe(false);

  audio.dispatchEvent(new Event('ended'));
  await vi.waitFor(() => expect(player.playing).toBe(true));
  expect(player.current).toBe('next');
  expect(audio.src).toBe('magpie-media://file/next');
  expect(sounds, 'one player for all').toHaveLength(1);

  audio.dispatchEvent(new Event('ended'));
  expect(player.current, 'there is no further one').toBeNull();
  expect(audio.paused).toBe(true);
});

it('plays nothing after an own one, which is known', async () => {
  const own = message('own', 1, { own: true });
  await show(HERE, [own, message('next', 2)]);
  const { player, audio } = await play(own);
  audio.dispatchEvent(new Event('ended'));
  expect(player.current).toBeNull();
});

it('plays everything at the speed that was chosen last', async () => {
  useSettingsStore().adopt({ settings: { ...DEFAULT_SETTINGS, voiceSpeed: 2 } } as AppSnapshot);
  const { player, audio } = await play(message('one', 1));
  expect(audio.playbackRate).toBe(2);
  player.nextSpeed();
  expect(audio.playbackRate).toBe(0.75);
  await vi.waitFor(() => expect(useSettingsStore().settings.voiceSpeed).toBe(0.75));
  expect(bridge.calls.filter(({ channel }) => channel === 'settings:update')).toEqual([
    { channel: 'settings:update', input: { voiceSpeed: 0.75 } },
  ]);
  player.toggle(message('two', 2));
  await vi.waitFor(() => expect(player.current).toBe('two'));
  expect(audio.playbackRate).toBe(0.75);
});
