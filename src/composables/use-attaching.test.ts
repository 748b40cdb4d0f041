// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../stores/bridge.fixture.ts';
import { useAttachmentsStore } from '../stores/attachments.ts';
import { useNoticesStore } from '../stores/notices.ts';
import { useAttaching } from './use-attaching.ts';

const HERE = 'single:2';
let bridge: BridgeDouble;
beforeEach(() => {
  i18n.global.locale.value = 'en';
  bridge = doubleBridge({
    'media:limit': () => 1_000,
    'media:trays': () => [],
    'preparations:list': () => [],
  });
});

function setUp() {
  const made = {} as ReturnType<typeof useAttaching> & {
    notices: ReturnType<typeof useNoticesStore>;
    attachments: ReturnType<typeof useAttachmentsStore>;
  };
  const one = defineComponent(() => {
    Object.assign(made, useAttaching(), { notices: useNoticesStore(), attachments: useAttachmentsStore() });
    return () => h('div');
  });
  createApp(one).use(createPinia()).use(i18n).mount(document.createElement('div'));
  bridge.signIn('home');
  return made;
}
const named = (name: string) => new File(['x'], name);
const files = (count: number, size: number, name: string) =>
  Array.from({ length: count }, (_, index) => new File(['x'.repeat(size)], `${name}${index + 1}`));
const told = ({ notices }: ReturnType<typeof setUp>) =>
  notices.toasts.map(({ content }) => ('text' in content ? content.text : ''));

it('has one answer for all that was dropped together, gathered by reason', async () => {
  const page = setUp();
  const dropped = [
    ...files(9, 0, 'e'),
    ...files(1, 2_000, 'big'),
    ...files(90, 1, 'ok'),
    ...files(4, 1, 'over'),
  ];
  await page.attach(HERE, { files: dropped, folders: [] });
  expect(page.attachments.trayOf(HERE)).toHaveLength(90);
  expect(told(page)).toEqual([
    [
      '9 files are empty: e1, e2 and 7 more.',
      '“big1” is larger than this server takes.',
      'Too many files at once: 4 were left out (over1, over2 and 2 more).',
    ].join('\n'),
  ]);
});

it('names up to three in full, and says nothing where all can be sent', async () => {
  const page = setUp();
  await page.attach(HERE, { files: files(2, 1, 'ok'), folders: [] });
  expect(told(page)).toEqual([]);
  await page.attach(HERE, { files: files(3, 0, 'e'), folders: [] });
  expect(told(page)).toEqual(['3 files are empty: e1, e2, e3.']);
});

it('hands what belongs to a chat in its own window to that window, and keeps nothing of it here', async () => {
  const page = setUp();
  bridge.tell('windows:changed', { conversationIds: [HERE] });
  bridge.answers['media:hand-over'] = () => true;
  const folder = { name: 'trip', file: named('trip'), list: () => Promise.resolve([]) };
  const dropped = { files: [named('paper'), ...files(1, 0, 'e')], folders: [folder], words: 'look' };
  expect(await page.attach(HERE, dropped)).toEqual([]);
  const handed = bridge.calls.filter(({ channel }) => channel === 'media:hand-over');
  expect(handed).toMatchObject([
    { input: { conversationId: HERE, words: 'look', files: [{ asFile: false }] } },
  ]);
  expect(bridge.staged).toEqual(['paper']);
  expect(page.attachments.trayOf(HERE)).toEqual([]);
  expect(bridge.calls.some(({ channel }) => channel === 'media:save-tray')).toBe(false);
  expect(told(page)).toEqual([
    'Drop the folder into the chat’s own window.',
    '“e1” is empty: there is nothing to send.',
  ]);
});

it('has them here where that window was closed meanwhile', async () => {
  const page = setUp();
  bridge.tell('windows:changed', { conversationIds: [HERE] });
  let handed: { file: string }[] = [];
  bridge.answers['media:hand-over'] = (input: { files: typeof handed }) => {
    handed = input.files;
    return false;
  };
  const facts = { name: 'paper', mime: 'text/plain', size: 1, url: '' };
  bridge.answers['media:trays'] = () => [
    { conversationId: HERE, files: handed.map((item) => ({ ...item, ...facts })) },
  ];
  await page.attach(HERE, { files: [named('paper')], folders: [] });
  expect(page.attachments.trayOf(HERE).map(({ name }) => name)).toEqual(['paper']);
});

it('puts what comes from the main window behind what lies in its tray, once', async () => {
  const page = setUp();
  await page.attach(HERE, { files: [named('first')], folders: [] });
  const facts = { name: 'second', mime: 'text/plain', size: 1, url: '', asFile: false, original: false };
  const handed = { conversationId: HERE, words: '', files: [{ ...facts, file: crypto.randomUUID() }] };
  bridge.tell('media:handed-over', handed);
  bridge.tell('media:handed-over', handed);
  expect(page.attachments.trayOf(HERE).map(({ name }) => name)).toEqual(['first', 'second']);
  await vi.waitFor(() =>
    expect(bridge.calls.findLast(({ channel }) => channel === 'media:save-tray')?.input).toMatchObject({
      files: [{}, { file: handed.files[0]?.file }],
    }),
  );
});
