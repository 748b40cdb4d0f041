// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, type App } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useNoticesStore } from '../../stores/notices.ts';
import { useSessionStore } from '../../stores/session.ts';
import StickerGrid from './StickerGrid.vue';

let bridge: BridgeDouble;
let app: App;
let kept: { id: string; removed: boolean }[];

beforeEach(async () => {
  i18n.global.locale.value = 'en';
  kept = ['cat', 'dog'].map((id) => ({ id, removed: false }));
  const list = () =>
    kept
      .filter(({ removed }) => !removed)
      .map(({ id }) => ({ id, name: id, url: `magpie-media://file/${id}`, width: 8, height: 8 }));
  const set = (id: string, removed: boolean) => {
    kept = kept.map((one) => (one.id === id ? { id, removed } : one));
    return list();
  };
  bridge = doubleBridge({
    'stickers:list': list,
    'stickers:remove': ({ id }: { id: string }) => set(id, true),
    'stickers:restore': ({ id }: { id: string }) => void set(id, false),
  });
  const pinia = createPinia();
  setActivePinia(pinia);
  useSessionStore();
  bridge.signIn('home');
  app = createApp({ render: () => h(StickerGrid, { conversationId: 'single:2' }) });
  app.use(pinia).use(i18n);
  app.mount(document.body.appendChild(document.createElement('div')));
  await vi.waitFor(() => expect(own()).toEqual(['own:cat', 'own:dog']));
});
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

const own = () =>
  [...document.querySelectorAll<HTMLElement>('[data-sticker^="own:"]')].map(
    ({ dataset }) => dataset['sticker'],
  );

it('an own sticker that was removed can be put back, also when another account is shown by then', async () => {
  document.querySelector<HTMLElement>('[data-sticker="own:cat"] [data-testid="sticker-remove"]')?.click();
  await vi.waitFor(() => expect(own()).toEqual(['own:dog']));
  const [toast] = useNoticesStore().toasts;
  const content = toast?.content;
  if (content === undefined || !('text' in content)) throw new Error('nothing was said');
  expect(content.text).toBe('cat was removed from your stickers');
  expect(content.offer?.label).toBe('Undo');

  bridge.signIn('work');
  content.offer?.run();
  await vi.waitFor(() => expect(kept[0]?.removed).toBe(false));
  expect(bridge.calls.find(({ channel }) => channel === 'stickers:restore')?.input).toEqual({
    id: 'cat',
    accountKey: 'home',
  });
  expect(own(), 'of the other account they are not').toEqual([]);
});

it('it is in its place again at once where its account is still shown', async () => {
  document.querySelector<HTMLElement>('[data-sticker="own:cat"] [data-testid="sticker-remove"]')?.click();
  await vi.waitFor(() => expect(own()).toEqual(['own:dog']));
  const content = useNoticesStore().toasts[0]?.content;
  if (content !== undefined && 'text' in content) content.offer?.run();
  await vi.waitFor(() => expect(own()).toEqual(['own:cat', 'own:dog']));
});
