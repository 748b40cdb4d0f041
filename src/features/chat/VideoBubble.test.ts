// @vitest-environment happy-dom
import { createPinia, setActivePinia } from 'pinia';
import { createApp, h, type App, type Component } from 'vue';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { MediaState } from '#protocol/ipc';
import type { Message, VideoContent } from '#protocol/model/message';
import { i18n } from '../../app/i18n.ts';
import { doubleBridge, type BridgeDouble } from '../../stores/bridge.fixture.ts';
import { useViewerStore } from '../../stores/viewer.ts';
import MediaTile from './MediaTile.vue';
import MediaViewer from './MediaViewer.vue';
import VideoBubble from './VideoBubble.vue';

const content: VideoContent = {
  ...{ kind: 'video', text: '', width: 160, height: 90, duration: 1000, preview: '' },
  poster: 'magpie-media://file/poster',
  file: { url: 'magpie-media://file/film', name: 'film.mkv', size: 200, mime: 'video/x-matroska' },
};
const message = {
  ...{ id: 'r1', conversationId: 'single:2', position: { major: 1, minor: 0, ordinal: 1 }, createdAt: 1 },
  ...{ status: 'sent', recalled: false, own: false, content },
} as unknown as Message;
let bridge: BridgeDouble;
let app: App | null;
let state: MediaState;

beforeEach(() => {
  i18n.global.locale.value = 'en';
  [app, state] = [null, 'here'];
  bridge = doubleBridge({
    'media:state': () => state,
    'messages:media': () => ({ messages: [message], before: 0, after: 0 }),
  });
  setActivePinia(createPinia());
});
afterEach(() => {
  app?.unmount();
  document.body.replaceChildren();
});

function mount(component: Component, props: Record<string, unknown>): void {
  app = createApp({ render: () => h(component, props) });
  app.use(i18n).mount(document.body.appendChild(document.createElement('div')));
}
const find = <Found extends HTMLElement = HTMLElement>(testId: string) =>
  document.querySelector<Found>(`[data-testid="${testId}"]`);
/** @param code of the MediaError */
async function failToPlay(testId: string, code: number): Promise<void> {
  await vi.waitFor(() => expect(find(testId)).not.toBeNull());
  const film = find(testId) as HTMLElement;
  Object.defineProperty(film, 'error', { value: { code } });
  film.dispatchEvent(new Event('error'));
}
async function expectCard(): Promise<void> {
  await vi.waitFor(() => expect(find('message-file')).not.toBeNull());
  expect(find('media-trouble')).toBeNull();
  expect(find<HTMLImageElement>('message-file-poster')?.src).toBe(content.poster);
  expect(find('message-file-note')?.textContent).toBe(
    'This computer cannot play it, but another program may.',
  );
  find('message-file-open')?.click();
  expect(bridge.calls).toContainEqual({ channel: 'media:open', input: { messageId: 'r1', anyway: false } });
}

it.each([
  // Unknown to every decoder here.
  ['here', 4],
  // Too large to be kept here.
  ['on-server', 3],
  ['on-server', 4],
] as const)('a film that cannot be played and is %s (code %i) is a card that opens it', async (at, code) => {
  state = at;
  mount(VideoBubble, { message, content });
  find('message-video-poster')?.click();
  await failToPlay('message-video', code);
  await expectCard();
});

it.each([
  ['on-server', 2],
  ['unreachable', 4],
] as const)('a film that did not come (%s, code %i) can be asked for again', async (at, code) => {
  state = at;
  mount(VideoBubble, { message, content });
  find('message-video-poster')?.click();
  await failToPlay('message-video', code);
  await vi.waitFor(() => expect(find('media-trouble')?.dataset['trouble']).toBe('unreachable'));
  find('media-trouble')?.querySelector('button')?.click();
  await vi.waitFor(() => expect(find('message-video')).not.toBeNull());
});

it('the viewer shows the card, too', async () => {
  mount(MediaViewer, {});
  useViewerStore().open(message);
  await failToPlay('viewer-film', 4);
  await expectCard();
});

it('its tile says which film it is where there is no picture of it', async () => {
  mount(MediaTile, { message, locale: 'en' });
  expect(find('media-tile-name')).toBeNull();
  document.querySelector('img')?.dispatchEvent(new Event('error'));
  await vi.waitFor(() => expect(find('media-tile-name')?.textContent).toBe('film.mkv'));
});

it('shows how far it is while it comes to be taken out of the window, and can be given up', async () => {
  mount(VideoBubble, { message, content });
  expect(find('upload-progress')).toBeNull();
  bridge.tell('media:progressed', { id: 'r1', direction: 'down', done: 50, total: 200 });
  await vi.waitFor(() => expect(find('upload-progress')?.getAttribute('aria-valuenow')).toBe('25'));
  find('upload-cancel')?.click();
  expect(bridge.calls).toContainEqual({ channel: 'media:cancel-save', input: { messageId: 'r1' } });
});
