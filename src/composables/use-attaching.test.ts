// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { beforeEach, expect, it } from 'vitest';
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
