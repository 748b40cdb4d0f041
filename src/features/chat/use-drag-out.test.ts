// @vitest-environment happy-dom
import { createPinia } from 'pinia';
import { createApp, defineComponent, h } from 'vue';
import { beforeEach, expect, it, vi } from 'vitest';
import { MagpieError } from '#protocol/errors';
import type { MediaState } from '#protocol/ipc';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useDragOut } from './use-drag-out.ts';

const SOON = 'The file is not here yet. Drag it again when it has been loaded.';
let bridge: BridgeDouble;
let state: MediaState;
let page: ReturnType<typeof useDragOut> & { notices: ReturnType<typeof useNoticesStore> };
/** Each ends one preparation, in their order. */
let prepared: { come(): void; fail(): void }[];

beforeEach(() => {
  i18n.global.locale.value = 'en';
  [state, prepared] = ['loading', []];
  bridge = doubleBridge({
    'media:state': () => state,
    'media:prepare-drag': () =>
      new Promise<void>((come, reject) =>
        prepared.push({ come, fail: () => reject(new MagpieError('cancelled', 'given up')) }),
      ),
  });
  const one = defineComponent(() => {
    page = { ...useDragOut(), notices: useNoticesStore() };
    return () => h('div');
  });
  createApp(one).use(createPinia()).use(i18n).mount(document.createElement('div'));
});

async function drag(): Promise<{ done: Promise<void> }> {
  const before = prepared.length;
  const done = page.dragOut(new Event('dragstart', { cancelable: true }) as DragEvent, 'r1');
  await vi.waitFor(() => expect(prepared).toHaveLength(before + 1));
  return { done };
}
const letGo = () => window.dispatchEvent(new Event('pointerup'));
const asked = (...channels: string[]) =>
  bridge.calls.map(({ channel }) => channel).filter((channel) => channels.includes(channel));
const ends = () => asked('media:drag', 'media:release-drag');
const told = () => page.notices.toasts.map(({ content }) => ('text' in content ? content.text : ''));

it('says at once that it is not here yet when the hand lets go of it, and leaves nothing readable', async () => {
  const { done } = await drag();
  letGo();
  window.dispatchEvent(new Event('mouseup'));
  await vi.waitFor(() => expect(told()).toEqual([SOON]));
  prepared[0]?.come();
  await done;
  expect(ends()).toEqual(['media:release-drag']);
  expect(told()).toEqual([SOON]);
});

it('goes along with the hand that holds it, also where it was let go of before', async () => {
  const first = await drag();
  letGo();
  const second = await drag();
  for (const { come } of prepared) come();
  await Promise.all([first.done, second.done]);
  expect(ends()).toEqual(['media:drag']);
});

it('says nothing of one that is here, nor of one that was given up where its way is shown', async () => {
  state = 'here';
  const quick = await drag();
  letGo();
  await vi.waitFor(() => expect(asked('media:state')).toHaveLength(1));
  prepared[0]?.come();
  await quick.done;
  const given = await drag();
  prepared[1]?.fail();
  await given.done;
  expect(told()).toEqual([]);
});
