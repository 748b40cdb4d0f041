// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, nextTick, ref, type App } from 'vue';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Message } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge } from '../../stores/bridge.fixture.ts';
import { useViewerStore } from '../../stores/viewer.ts';
import MediaViewer from './MediaViewer.vue';

const picture = {
  ...{ id: 'one', conversationId: 'single:2', position: { major: 1, minor: 0, ordinal: 1 } },
  ...{ status: 'sent', recalled: false, own: false },
  content: {
    ...{ kind: 'image', text: '', thumb: '', preview: '', width: 4, height: 3 },
    file: { url: 'magpie-media://file/1', name: 'one.png', size: 1, mime: 'image/png' },
  },
} as unknown as Message;
let app: App;
/** Which conversation is on screen, as its pane is keyed; empty on another page. */
const chat = ref('');

beforeEach(() => {
  doubleBridge({ 'messages:media': () => ({ messages: [picture], before: 0, after: 0 }) });
  const pinia = createPinia();
  setActivePinia(pinia);
  chat.value = 'single:2';
  app = createApp({ render: () => (chat.value === '' ? null : h(MediaViewer, { key: chat.value })) });
  app.use(pinia).use(i18n);
});
afterEach(() => {
  app.unmount();
  document.body.replaceChildren();
});

const mount = () => app.mount(document.body.appendChild(document.createElement('div')));
const isShown = () => document.querySelector('[data-testid="media-viewer"]') !== null;
async function press(key: string): Promise<KeyboardEvent> {
  const event = new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  await nextTick();
  return event;
}

it.each(['single:3', ''])('does not stay over the chat that comes in its place (%j)', async (next) => {
  mount();
  useViewerStore().open(picture);
  await nextTick();
  expect(isShown()).toBe(true);
  chat.value = next;
  await nextTick();
  expect(isShown()).toBe(false);
  expect((await press('Escape')).defaultPrevented, 'its keys are free again').toBe(false);
  chat.value = 'single:2';
  await nextTick();
  expect(isShown(), 'back in its chat').toBe(false);
});

it('has its keys and the focus also where something was shown before it was there', async () => {
  useViewerStore().open(picture);
  mount();
  await nextTick();
  expect(isShown()).toBe(true);
  expect(document.activeElement).toBe(document.querySelector('[data-testid="media-viewer"]'));
  await press('Escape');
  expect(isShown()).toBe(false);
});
